#include "app/cli/watch_until.h"

#include <gtest/gtest.h>

namespace waitstate::cli {
namespace {

TEST(watch_until, ends_when_healthy_or_after_a_time) {
  const auto healthy = parse_watch_end("healthy");
  ASSERT_TRUE(healthy);
  EXPECT_TRUE(healthy->when_healthy);
  const auto timed = parse_watch_end("10m");
  ASSERT_TRUE(timed);
  EXPECT_FALSE(timed->when_healthy);
  EXPECT_EQ(timed->after, std::chrono::minutes(10));
}

TEST(watch_until, takes_nothing_else) {
  for (const auto* text : {"", "0s", "ill", "2d", "-1s", "10"}) {
    const auto end = parse_watch_end(text);
    ASSERT_FALSE(end) << text;
    EXPECT_EQ(end.error().what, std::string("--watch-until: '") + text + "' is no end");
  }
}

}  // namespace
}  // namespace waitstate::cli
