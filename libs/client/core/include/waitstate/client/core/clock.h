#pragma once

#include <chrono>

namespace waitstate::client {

/// The clock of every deadline, age and limit here: monotonic, so that a change of the wall clock
/// moves nothing. Pure parts never read it; time is a parameter.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

/// `at` + `by`; the first or the last time there is where that is past it, as with duration::max()
/// for "no limit".
[[nodiscard]] constexpr time_point saturating_add(time_point at, duration by) {
  if (by > duration{0} && at > time_point::max() - by) return time_point::max();
  if (by < duration{0} && at < time_point::min() - by) return time_point::min();
  return at + by;
}

}  // namespace waitstate::client
