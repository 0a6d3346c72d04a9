#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reading/row_store.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// Counts that somebody pasted instead of rows, until all of the paste is read.
///
/// Several tables of the same kind are several looks: of those the worst one stands, the one with
/// the most CLOSE-WAIT, or else the most of all. Never the highest of each state.
///
/// A count becomes a group of its own: state, direction and what is known of the endpoints. Where
/// the direction is unknown and the command names a port, the port is in the key's remote.port and
/// local.port is 0: rules must not read it as a destination. Counts that say again what rows of the
/// same paste show, or that hold another count within them, are lessened by those.
class count_ledger {
 public:
  static constexpr std::size_t entries_max =
      4096;  ///< A list of addresses that is longer tells no more.
  static constexpr std::size_t values_max = 4096;  ///< A look every minute for three days.

  struct subject {
    tcp::state state = tcp::state::unknown;
    direction told = direction::unknown;
    tcp::endpoint local;
    tcp::endpoint remote;
    owner_ref owner;

    friend auto operator<=>(const subject&, const subject&) = default;
  };
  struct context {
    std::uint64_t block = 0;  ///< The command that printed it.
    bool either_end = false;  ///< The port may be of either end.
    bool port_may_be_pid = false;
    std::optional<std::chrono::milliseconds> interval;
  };

  void add(const subject& s, const context& c, std::uint64_t count);
  /// Does the block hold a count of the subject already? A second one is another look.
  [[nodiscard]] bool holds(const subject& s, std::uint64_t block) const;
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] bool has_state(tcp::state state) const;
  /// Lines past a bound, which nothing here tells of.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  /// A number that grep looked for may be a pid: it is where `process_of` knows a process of that
  /// pid, which something else in the text names.
  void tell_pids(const std::function<std::optional<std::uint32_t>(std::int32_t)>& process_of);
  /// Hands the counts to the builder, after the rows.
  void pour_into(snapshot_builder& builder, const row_store& rows);
  /// Sets the growth of groups that were counted again and again. After pour_into().
  void set_growth(snapshot& s) const;

 private:
  struct round {
    std::uint64_t block;
    std::uint64_t value;
  };
  struct entry {
    subject scope;  ///< What the command asked for.
    subject what;   ///< What the group will say: maybe more, when rows show more of it.
    bool either_end = false;
    bool port_may_be_pid = false;
    std::optional<std::chrono::milliseconds> interval;
    std::uint64_t loop = 0;  ///< The block that `interval` is of.
    std::vector<round> rounds;
    std::optional<std::uint64_t> chosen;  ///< The value in the look that stands.
    std::uint64_t rest = 0;  ///< What is left of the value after what is told elsewhere.
  };
  /// The value that stands for the whole: the last of a loop, the highest of several commands.
  [[nodiscard]] static std::uint64_t value_of(const entry& e);
  /// The values that were taken in one loop; empty where there was none.
  [[nodiscard]] static std::vector<std::uint64_t> loop_of(const entry& e);
  [[nodiscard]] static bool covers(const entry& whole, const subject& part);
  [[nodiscard]] std::uint64_t shown_by_state(const entry& part) const;
  void keep_one_look();
  void tell_listening_ports();
  void take_rows_off(entry& e, const row_store& rows);
  void add_series(snapshot_builder& builder, const entry& e) const;

  std::vector<entry> entries_;
  std::map<subject, std::size_t> index_;
  std::uint64_t dropped_ = 0;
};

}  // namespace waitstate::paste
