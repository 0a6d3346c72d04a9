#pragma once

#include <cstdint>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/pool_limits.h"

namespace waitstate::client {

/// How long connections live, each for another time so that they do not end together. Pure but for
/// the numbers it draws.
class lifetimes {
 public:
  explicit lifetimes(const pool_limits& limits);

  /// When one ends that is made now; time_point::max() when it has no lifetime.
  [[nodiscard]] time_point end_of_one_made(time_point now);

 private:
  const duration max_;
  const double jitter_;
  std::uint64_t drawn_ = 0x9e3779b97f4a7c15ULL;
};

}  // namespace waitstate::client
