#include "redis/redis_slots.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

TEST(redis_slots, passes_replies_on_as_they_come_in_order) {
  redis_slots slots;
  std::string out;
  const auto first = slots.add();
  const auto second = slots.add();
  slots.give(first, "+O", false, out);
  EXPECT_EQ(out, "+O");
  slots.give(first, "K", true, out);
  slots.give(second, ":1", true, out);
  EXPECT_EQ(out, "+OK:1");
  EXPECT_TRUE(slots.is_empty());
}

TEST(redis_slots, holds_back_what_comes_too_early) {
  redis_slots slots;
  std::string out;
  const auto first = slots.add();
  const auto second = slots.add();
  const auto third = slots.add();
  slots.give(third, "3", true, out);
  slots.give(second, "2a", false, out);
  EXPECT_EQ(out, "");
  EXPECT_EQ(slots.held_bytes(), 3U);
  slots.give(first, "1", true, out);
  EXPECT_EQ(out, "12a");
  EXPECT_EQ(slots.size(), 2U);
  slots.give(second, "2b", true, out);
  EXPECT_EQ(out, "12a2b3");
  EXPECT_EQ(slots.held_bytes(), 0U);
  EXPECT_TRUE(slots.is_empty());
}

TEST(redis_slots, passes_over_replies_to_what_was_let_go) {
  redis_slots slots;
  std::string out;
  const auto old = slots.add();
  slots.clear();
  const auto fresh = slots.add();
  slots.give(old, "old", true, out);
  slots.give(fresh, "fresh", true, out);
  slots.give(fresh, "again", true, out);
  EXPECT_EQ(out, "fresh");
}

}  // namespace
}  // namespace waitstate::sidecar
