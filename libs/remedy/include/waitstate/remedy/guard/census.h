#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/kernel/list_sockets.h"
#include "waitstate/remedy/guard/policy.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::remedy::guard {

/// Whose sockets: those of one process in one network namespace, or those to one destination, for
/// rules about ports.
struct subject {
  std::uint64_t net_namespace = 0;  ///< Its inode.
  std::int32_t pid = 0;             ///< 0: no process is seen to hold them.
  std::string process;              ///< Its name; a pid that was given again has mostly another.
  tcp::address source;              ///< With `destination`: where the connections come from.
  std::optional<tcp::endpoint> destination;

  friend auto operator<=>(const subject&, const subject&) = default;
};
/// "java (pid 812)", "connections from 10.0.0.2 to 10.0.0.7:80", "no process that is seen".
[[nodiscard]] std::string to_string(const subject& who);

/// What one look saw of a rule's sockets that belong together.
struct sighting {
  std::size_t rule = 0;  ///< Index into policy::rules.
  subject who;
  std::string namespace_name;  ///< Of `ip netns`, or empty.
  std::uint64_t count = 0;
  std::uint64_t closable = 0;  ///< Of these, those that the rule's permissions allow to close.
  std::optional<std::uint32_t> oldest_ms;
  std::optional<std::uint64_t> fd_limit;    ///< The owner's.
  std::optional<std::uint64_t> ports_left;  ///< To the destination.
};

/// Is it too much?
[[nodiscard]] bool is_over(const threshold& when, const sighting& seen);

/// What one look saw.
struct census {
  std::vector<sighting> seen;  ///< Those of a rule side by side; the order is that of `who`.
  /// By rule: could its sockets be looked at? Nothing is said of the others.
  std::vector<bool> looked_at;
  std::vector<std::pair<std::size_t, error>> troubles;  ///< By rule.
};

/// Sockets by their cookies.
using cookies = std::unordered_set<std::uint64_t>;

/// Counts sockets as they are listed. Bounded: of each rule `subjects_max` subjects; what is past
/// them is counted.
///
/// Holders are looked up before sockets are listed: one that was opened in between seems to be held
/// by a process that may not be seen. So where there are such, a second list follows, and of these
/// only those count that were without a holder in the first one, too.
class census_taker {
 public:
  static constexpr std::size_t subjects_max = 1'024;
  static constexpr std::size_t hidden_max = 65'536;

  /// For the rules with these indexes. `of` must outlive it, and `hidden` of the first list.
  census_taker(const policy& of, const std::vector<std::size_t>& rules,
               const cookies* hidden = nullptr);
  ~census_taker();
  census_taker(const census_taker&) = delete;
  census_taker& operator=(const census_taker&) = delete;

  /// The states that have to be listed for them.
  [[nodiscard]] tcp::state_set states() const;
  /// Listeners of a namespace come before its connections.
  void take(const kernel::listed_socket& one);
  /// Those whose holder was not seen.
  [[nodiscard]] const cookies& hidden() const { return hidden_; }
  /// Adds what was counted to `to`.
  void finish(census& to);

 private:
  struct tally;
  const policy& policy_;
  const cookies* hidden_before_;
  cookies hidden_;
  std::vector<tally> tallies_;
};

/// Looks at this host's sockets for every rule; each network namespace that rules name is listed
/// once. One that cannot be looked at is a trouble of its rules.
[[nodiscard]] census take_census(const policy& of, const kernel::progress_sink& progress);

}  // namespace waitstate::remedy::guard
