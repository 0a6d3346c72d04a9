#pragma once

#include <array>
#include <cstdint>

#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/random.h"

namespace waitstate::client {

/// Decides whether one server may get calls.
///
/// Pure. Not for several threads at once: its owner locks.
class failure_detector {
 public:
  failure_detector(const failure_settings& settings, random_source random);

  /// `now` never goes back.
  [[nodiscard]] health at(time_point now) const;
  /// Is it alive or half open?
  [[nodiscard]] bool may_try(time_point now) const;

  /// A call goes to the server. In half open that is the probe.
  void started(time_point now);
  void succeeded(time_point now);
  /// succeeded() for a call that began while the server counted as alive: it brings nobody back,
  /// as it proves nothing about what happened since.
  void succeeded_as_expected(time_point now);
  void failed(time_point now);
  /// The call ended without saying anything about the server; a probe may be tried again.
  void abandoned();
  void connected(time_point now);
  void connect_failed(time_point now);

  /// Is it out because of failed connects? Then a connect is probe enough.
  [[nodiscard]] bool is_unreachable() const { return unreachable_; }
  /// Meaningful while dead.
  [[nodiscard]] time_point dead_until() const { return dead_until_; }
  /// How often it was found dead, failed probes included.
  [[nodiscard]] std::uint64_t ejections() const { return ejections_; }

 private:
  static constexpr int slices = 10;
  struct slice {
    std::int64_t number = -1;
    std::uint32_t ok = 0;
    std::uint32_t failed = 0;
  };

  void count(bool ok, time_point now);
  [[nodiscard]] bool is_success_rate_low(time_point now) const;
  [[nodiscard]] std::int64_t slice_number(time_point now) const;
  [[nodiscard]] duration dead_time(duration first, duration max, std::uint32_t times) const;
  void eject(duration dead_for, time_point now);
  void revive();

  const failure_settings settings_;
  const random_source random_;
  health state_ = health::alive;  // half_open is dead with a dead time that is over
  bool unreachable_ = false;
  time_point dead_until_{};
  std::uint32_t failures_in_a_row_ = 0;
  std::uint32_t dead_times_ = 0;
  std::uint32_t connect_failures_ = 0;
  std::uint64_t ejections_ = 0;
  std::array<slice, slices> window_{};
};

}  // namespace waitstate::client
