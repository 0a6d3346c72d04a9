#include "waitstate/client/capacity.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(capacity, gives_out_no_more_than_its_limit) {
  capacity room(2);
  EXPECT_TRUE(room.take());
  EXPECT_TRUE(room.take());
  EXPECT_FALSE(room.take());
  room.put();
  EXPECT_TRUE(room.take());
  EXPECT_EQ(room.used(), 2U);
}

TEST(capacity, without_a_limit_only_counts) {
  capacity room;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(room.take());
  EXPECT_EQ(room.used(), 1000U);
}

}  // namespace
}  // namespace waitstate::client
