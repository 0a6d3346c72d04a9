#include "waitstate/snapshot/followed_connections.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(followed_connections, half_of_the_numbers_are_below_a_power_of_two) {
  size_classes classes;
  EXPECT_EQ(classes.half_below(), std::nullopt);
  classes.count[9] = 3;  // 512 to 1,023
  EXPECT_EQ(classes.half_below(), 1024U);
  classes.count[20] = 2;
  EXPECT_EQ(classes.half_below(), 1024U);
  classes.count[20] = 4;
  EXPECT_EQ(classes.half_below(), std::uint64_t{2} << 20);
  EXPECT_EQ(classes.total(), 7U);
}

TEST(followed_connections, adds_up_two_flows) {
  followed_flow one{.programs = 1, .opened = 2, .ended = 3, .bytes_sent = 10};
  one.sizes.count[3] = 3;
  followed_flow other{.programs = 1, .opened = 5, .ended = 4, .resets = 1};
  other.sizes.count[3] = 4;
  one.merge(other);
  EXPECT_EQ(one.programs, 2U);
  EXPECT_EQ(one.opened, 7U);
  EXPECT_EQ(one.ended, 7U);
  EXPECT_EQ(one.resets, 1U);
  EXPECT_EQ(one.bytes_sent, 10U);
  EXPECT_EQ(one.sizes.count[3], 7U);
}

}  // namespace
}  // namespace waitstate
