#include "waitstate/client/core/capacity.h"

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

TEST(capacity, tells_of_room_only_those_that_found_none) {
  capacity room(1);
  int told = 0;
  auto alive = std::make_shared<int>();
  room.when_there_is_room(alive, [&] { ++told; });
  EXPECT_TRUE(room.take());
  room.offer();
  room.put();
  EXPECT_EQ(told, 0);
  EXPECT_TRUE(room.take());
  EXPECT_FALSE(room.take());
  room.offer();
  room.offer();
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(room.take());
  room.put();
  EXPECT_EQ(told, 2);
  EXPECT_TRUE(room.take());
  EXPECT_FALSE(room.take());
  alive.reset();
  room.put();
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace waitstate::client
