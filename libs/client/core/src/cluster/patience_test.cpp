#include "cluster/patience.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

TEST(patience, doubles_its_pauses_up_to_the_longest_and_ends) {
  patience p({.unreachable_max = 1s, .pause_first = 100ms, .pause_max = 250ms}, start);
  EXPECT_EQ(p.next_try(start + 1h, start, 0), start + 100ms);
  EXPECT_EQ(p.next_try(start + 1h, start, 0), start + 200ms);
  EXPECT_EQ(p.next_try(start + 1h, start, 0), start + 250ms);
  EXPECT_EQ(p.next_try(start + 1h, start, 1), start + 125ms) << "less up to a half";
  EXPECT_EQ(p.next_try(start + 1h, start + 750ms, 0), std::nullopt);
}

TEST(patience, ends_with_the_deadline) {
  patience p({.pause_first = 100ms}, start);
  EXPECT_EQ(p.next_try(start + 100ms, start, 0), std::nullopt);
}

TEST(patience, is_none_where_there_are_no_retries) {
  EXPECT_EQ(patience({.attempts_max = 1}, start).next_try(start + 1h, start, 0), std::nullopt);
  EXPECT_EQ(patience({.unreachable_max = 0s}, start).next_try(start + 1h, start, 0), std::nullopt);
}

}  // namespace
}  // namespace waitstate::client
