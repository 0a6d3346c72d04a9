#pragma once

#include <array>
#include <cstdint>

#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// Limits retries to a share of the calls, so that a service in trouble does not get a multiple of
/// its load.
///
/// Pure. Not for several threads at once: its owner locks.
class retry_budget {
 public:
  explicit retry_budget(const retry_budget_settings& settings);

  /// A call begins; not for its retries.
  void call_started(time_point now);
  /// Takes one retry out of the budget; false when there is none.
  [[nodiscard]] bool take(time_point now);
  /// Retries that are left.
  [[nodiscard]] double balance(time_point now) const;

 private:
  static constexpr int slices = 10;
  struct slice {
    std::int64_t number = -1;
    double tokens = 0;
  };

  void add(double tokens, time_point now);
  [[nodiscard]] std::int64_t slice_number(time_point now) const;

  const retry_budget_settings settings_;
  std::array<slice, slices> window_{};
};

}  // namespace waitstate::client
