#pragma once

#include <chrono>

namespace waitstate::client {

/// The clock of every deadline, age and limit here: monotonic, so that a change of the wall clock
/// moves nothing. Pure parts never read it; time is a parameter.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

/// clock::now() as of some milliseconds ago, for a quarter of its price: for ages that are counted
/// in seconds. Never ahead of it.
[[nodiscard]] time_point lately();

/// `at` + `by`; the first or the last time there is where that is past it, as with duration::max()
/// for "no limit".
[[nodiscard]] constexpr time_point saturating_add(time_point at, duration by) {
  if (by > duration{0} && at > time_point::max() - by) return time_point::max();
  if (by < duration{0} && at < time_point::min() - by) return time_point::min();
  return at + by;
}

/// When something has to be over: a time from now (2s), or a moment. It has no default: whoever
/// asks for something says how long that may take.
class time_limit {
 public:
  // NOLINTBEGIN(*-explicit-*): what one writes for a limit is one
  constexpr time_limit(time_point at) : at_(at) {}
  template <class Rep, class Period>
  time_limit(std::chrono::duration<Rep, Period> from_now)
      : at_(saturating_add(clock::now(), std::chrono::duration_cast<duration>(from_now))) {}
  constexpr operator time_point() const { return at_; }
  // NOLINTEND(*-explicit-*)

  /// For what may take for ever.
  [[nodiscard]] static constexpr time_limit none() { return {time_point::max()}; }
  [[nodiscard]] bool is_over() const { return at_ != time_point::max() && clock::now() >= at_; }
  [[nodiscard]] constexpr bool is_over(time_point now) const {
    return at_ != time_point::max() && now >= at_;
  }

 private:
  time_point at_;
};

}  // namespace waitstate::client
