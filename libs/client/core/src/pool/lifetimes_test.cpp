#include "pool/lifetimes.h"

#include <chrono>
#include <set>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

TEST(lifetimes, are_half_an_hour_unless_said_less_up_to_a_fifth) {
  lifetimes of_default{pool_limits{}};
  std::set<time_point> ends;
  const time_point now(1h);
  for (int i = 0; i < 1000; ++i) {
    const auto end = of_default.end_of_one_made(now);
    EXPECT_GE(end, now + 24min);
    EXPECT_LE(end, now + 30min);
    ends.insert(end);
  }
  EXPECT_GT(ends.size(), 990U) << "those made together end together";
}

TEST(lifetimes, are_endless_when_they_are_zero) {
  lifetimes none(pool_limits{.lifetime_max = 0s});
  EXPECT_EQ(none.end_of_one_made(time_point(1h)), time_point::max());
  lifetimes longest(pool_limits{.lifetime_max = duration::max()});
  EXPECT_GT(longest.end_of_one_made(time_point(1h)), time_point(24h));
}

}  // namespace
}  // namespace waitstate::client
