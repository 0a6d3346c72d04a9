#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/remedy/guard/census.h"

namespace waitstate::remedy::guard {

/// A moment that no change of the wall clock moves: the time since the host was started, and which
/// start that was.
struct moment {
  std::string boot_id;
  std::chrono::milliseconds since_boot{0};

  friend bool operator==(const moment&, const moment&) = default;
};
/// CLOCK_BOOTTIME, which goes on while the host sleeps, and the kernel's boot_id.
[[nodiscard]] result<moment> moment_now();

/// Something that began and has not ended. Times are those of moment::since_boot.
struct incident {
  subject who;
  std::chrono::milliseconds began{0};
  std::chrono::milliseconds last_over{0};                 ///< Last seen over the threshold.
  std::optional<std::chrono::milliseconds> last_command;  ///< Last time that its command was run.
  std::uint64_t most = 0;                                 ///< Sockets, at the worst look.
  std::uint64_t closed = 0;                               ///< By its rule, until now.

  friend bool operator==(const incident&, const incident&) = default;
};

/// What counts against a limit per minute.
struct expense {
  std::chrono::milliseconds at{0};
  std::uint64_t count = 0;

  friend bool operator==(const expense&, const expense&) = default;
};

/// What is remembered of a rule, by its name.
struct rule_memory {
  static constexpr std::size_t incidents_max = census_taker::subjects_max;

  std::string rule;
  std::vector<incident> open;
  std::vector<expense> spent;  ///< Of the last minute, the oldest first.
  /// It would have closed more than its limit: it acts no more until a person lets it.
  bool is_stopped = false;
  /// A person let it: until all that is open has ended it does not stop, and closes what its limit
  /// allows in each minute.
  bool is_resumed = false;

  friend bool operator==(const rule_memory&, const rule_memory&) = default;
};

/// What a guard has to know after a restart, so that nothing is told twice and no limit begins
/// anew. Plain data.
struct memory {
  /// Of all rules together: what is open past them is told again when others have ended.
  static constexpr std::size_t incidents_max = 8'192;

  std::string boot_id;  ///< That its times are of; empty for one that knows nothing.
  std::vector<rule_memory> rules;

  /// Lets every rule that was stopped act again. What it has spent of this minute stays spent.
  void resume();

  friend bool operator==(const memory&, const memory&) = default;
};

/// As JSON.
[[nodiscard]] std::string to_json(const memory& m);
/// Reads what to_json() wrote; fails with errc::corrupt for anything else, and for more than a
/// guard keeps.
[[nodiscard]] result<memory> parse_memory(std::string_view json);

}  // namespace waitstate::remedy::guard
