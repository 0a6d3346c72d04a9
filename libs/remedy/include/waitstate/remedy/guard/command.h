#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/remedy/guard/census.h"
#include "waitstate/remedy/guard/policy.h"

namespace waitstate::remedy::guard {

/// A program with its arguments as they are handed over: there is no shell.
struct command {
  std::vector<std::string> words;  ///< The first is a path.
  /// All of its environment, but for PATH.
  std::vector<std::pair<std::string, std::string>> environment;
  std::chrono::milliseconds time_limit{30'000};
};

/// How it ended.
struct command_end {
  static constexpr std::size_t output_max = 4'096;

  std::optional<int> exit_status;  ///< Unless a signal ended it, or nobody saw its end.
  std::optional<int> signal;
  bool is_timed_out = false;
  bool is_given_up = false;
  std::string output;            ///< The first of what it printed, on both streams.
  std::uint64_t output_cut = 0;  ///< Bytes of it past these.

  [[nodiscard]] bool is_well() const { return exit_status == 0; }
};
/// "exit status 3", "ended by signal 9", "ended after 30 s, its time limit".
[[nodiscard]] std::string to_string(const command_end& end);

/// Runs it in a process group of its own, with nothing to read, and waits for its end; over its
/// time limit the group and all that it has started and is not orphaned get SIGTERM, and two
/// seconds later SIGKILL. `give_up` is asked five times a second, and may be empty. Fails where it
/// cannot be started.
[[nodiscard]] result<command_end> run_command(const command& c,
                                              const std::function<bool()>& give_up);

/// The command of a rule, told what was seen: WAITSTATE_RULE, _SELECTION, _COUNT, _CLOSABLE, _PID,
/// _PROCESS, _NAMESPACE, _OLDEST_MS, _DESCRIPTOR_LIMIT, _SOURCE, _DESTINATION and _PORTS_LEFT, as
/// far as they are known.
[[nodiscard]] command command_for(const rule& r, const sighting& seen);

}  // namespace waitstate::remedy::guard
