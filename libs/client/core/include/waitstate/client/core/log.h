#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

enum class log_level : std::uint8_t {
  info,     ///< Things change: servers come and go, a lease came back after all.
  warning,  ///< Something is wrong and was dealt with: a leak, a failed connect, a dead server.
};

[[nodiscard]] std::string_view to_string(log_level l);

/// One line for whatever log the program has. The views live as long as the call.
struct log_line {
  log_level level = log_level::info;
  std::string_view kind{};  ///< "leaked", "dial_failed" ...: the same for all lines of one event.
  std::string_view text{};  ///< "pool 'db:5432': a lease is out for 5 min: main.cpp:42 fetch()"
  std::uint64_t cut = 0;    ///< Lines of this kind that were not written since the one before.
};

struct log_settings {
  /// Gets each line, on any thread, one at a time. It must not call back into the cluster.
  std::function<void(const log_line&)> write{};
  std::uint32_t lines_max = 10;                ///< Of one kind in each `window`; 0: no limit.
  duration window = std::chrono::seconds(10);  ///< See lines_max.
};

/// Makes a cluster that is made with `settings` write what happens to it. Events that are set
/// already are called as well, and before.
///
/// The kinds: "leaked", "came_back", "reclaimed", "dial_failed", "endpoints_changed", "ejected",
/// "revived", "retried".
void log_events(cluster_settings& settings, log_settings to);

/// How many lines of a kind may be written. Pure. Not for several threads at once.
class log_limiter {
 public:
  log_limiter(std::uint32_t lines_max, duration window) : max_(lines_max), window_(window) {}

  /// Nothing when this line is too much; else how many of its kind were cut before it.
  [[nodiscard]] std::optional<std::uint64_t> admit(std::string_view kind, time_point now);

 private:
  struct count {
    time_point since;
    std::uint32_t written = 0;
    std::uint64_t cut = 0;
  };

  const std::uint32_t max_;
  const duration window_;
  std::map<std::string, count, std::less<>> kinds_;  // as many as there are events
};

}  // namespace waitstate::client
