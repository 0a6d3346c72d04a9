#include "waitstate/client/core/clock.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

TEST(clock, adds_up_to_the_ends_of_time) {
  constexpr time_point now{1000s};
  constexpr auto first = time_point::min();
  constexpr auto last = time_point::max();
  struct row {
    time_point at;
    duration by;
    time_point sum;
  };
  const row rows[] = {
      {now, 5s, time_point{1005s}},
      {now, -5s, time_point{995s}},
      {now, 0s, now},
      {now, duration::max(), last},
      {now, last - now, last},
      {now, last - now - 1ns, last - 1ns},
      {now, duration::min(), time_point{1000s} + duration::min()},
      {last, 1ns, last},
      {last, -1ns, last - 1ns},
      {first, -1ns, first},
      {first, 1ns, first + 1ns},
      {first, duration::max(), time_point{-1ns}},
      {time_point{-1000s}, duration::min(), first},
  };
  for (const auto& r : rows) {
    EXPECT_EQ(saturating_add(r.at, r.by).time_since_epoch().count(),
              r.sum.time_since_epoch().count());
  }
}

}  // namespace
}  // namespace waitstate::client
