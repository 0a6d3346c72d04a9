#pragma once

#include <csignal>

#include <chrono>
#include <optional>

namespace waitstate::cli {

/// While one lives, SIGHUP, SIGTERM and SIGINT interrupt nothing: they wait until they are asked
/// for. One at a time.
class awaited_signals {
 public:
  awaited_signals();
  ~awaited_signals();
  awaited_signals(const awaited_signals&) = delete;
  awaited_signals& operator=(const awaited_signals&) = delete;

  /// The next of them, as soon as it is there; nothing after so long without one.
  [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds longest) const;
  /// Does one wait that means the end?
  [[nodiscard]] bool is_end_asked() const;

 private:
  sigset_t awaited_{};
  sigset_t before_{};
};

}  // namespace waitstate::cli
