#include "judgement/tcp_memory_use.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

tcp_memory_use use_of(std::uint64_t pages, const char* thresholds) {
  auto s = host();
  s.host.sysctls["net.ipv4.tcp_mem"] = thresholds;
  s.namespaces[0].totals.memory_pages = pages;
  return tcp_memory_use_of(s);
}

TEST(tcp_memory_use, is_pressed_from_the_second_threshold_and_full_from_the_third) {
  EXPECT_FALSE(use_of(199, "100 200 300").is_pressed());
  EXPECT_TRUE(use_of(199, "100 200 300").has_room());
  EXPECT_TRUE(use_of(200, "100 200 300").is_pressed());
  EXPECT_FALSE(use_of(200, "100 200 300").has_room());
  EXPECT_FALSE(use_of(299, "100 200 300").is_full());
  EXPECT_TRUE(use_of(300, "100 200 300").is_full());
}

TEST(tcp_memory_use, has_room_only_where_both_numbers_were_seen) {
  EXPECT_FALSE(use_of(0, "100 200 300").has_room());
  EXPECT_FALSE(use_of(10, "100 200").has_room());
}

}  // namespace
}  // namespace waitstate::diagnosis
