#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/remedy/reap_plan.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::remedy::guard {

/// What a rule does beyond its report.
enum class rule_action : std::uint8_t {
  report,  ///< Nothing more.
  run,     ///< Runs a command.
  reap,    ///< Closes what is selected, as `waitstate reap` does.
};
inline constexpr std::array all_rule_actions{rule_action::report, rule_action::run,
                                             rule_action::reap};
/// "report", "run", "reap".
[[nodiscard]] std::string_view to_string(rule_action action);
/// Of exactly such a name.
[[nodiscard]] std::optional<rule_action> parse_rule_action(std::string_view name);

/// A share of what a pool holds, whose size no kernel knows.
struct pool_share {
  std::uint64_t size = 0;
  std::uint64_t percent = 0;

  friend bool operator==(const pool_share&, const pool_share&) = default;
};

/// From when on the selected sockets of one owner are too much. All that is given must hold; one
/// that asks for nothing is refused by parse_policy().
struct threshold {
  std::optional<std::uint64_t> count;                ///< At least so many.
  std::optional<std::chrono::milliseconds> older;    ///< The oldest at least so long in its state.
  std::optional<std::uint64_t> descriptors_percent;  ///< At least so much of the owner's limit.
  std::optional<pool_share> pool;                    ///< At least so much of a pool.
  /// Fewer local ports than so many are left to a destination. The sockets are then counted by
  /// destination instead of by owner.
  std::optional<std::uint64_t> ports_left;

  friend bool operator==(const threshold&, const threshold&) = default;
};

/// Which sockets, from when on they are too much, and what is done then.
struct rule {
  std::string name;  ///< No two rules have the same.
  socket_selector selected;
  std::string net_namespace;  ///< As in kernel::list_options.
  threshold when;
  rule_action action = rule_action::report;
  std::vector<std::string> command;              ///< For `run`: a path and its arguments, no shell.
  std::chrono::milliseconds time_limit{30'000};  ///< For `run`: then it is ended.
  reap_permissions may;                          ///< For `reap`.
  /// So many sockets are closed, or commands run, within any minute. A rule that would close more
  /// stops.
  std::uint64_t per_minute = 0;
  /// Under its threshold for so long it has ended; so long after a command it is not run again.
  std::chrono::milliseconds quiet{300'000};

  friend bool operator==(const rule&, const rule&) = default;
};

/// What to guard, as a person writes it down. Bounded: `rules_max` rules.
struct policy {
  static constexpr std::size_t rules_max = 64;

  std::chrono::milliseconds every{10'000};  ///< Between two looks.
  std::vector<rule> rules;                  ///< At least one.

  friend bool operator==(const policy&, const policy&) = default;
};

/// Where it is unless the user says otherwise.
inline constexpr std::string_view usual_policy_path = "/etc/waitstate/guard.toml";

/// The longest text that is read as one.
inline constexpr std::size_t policy_bytes_max = std::size_t{256} * 1024;

/// Reads a policy in TOML 1.0; docs/fix.md has every key. What it does not know it refuses, so that
/// no misspelt limit is none. Fails with errc::invalid_input: "line 3, column 9: ...".
[[nodiscard]] result<policy> parse_policy(std::string_view text);

/// Reads it from a file. One that others than its owner and root may write to is refused: it says
/// what runs with our rights. `what` names the file.
[[nodiscard]] result<policy> read_policy(const std::string& path);

}  // namespace waitstate::remedy::guard
