#include "app/cli/looks.h"

#include <gtest/gtest.h>

namespace waitstate::cli {
namespace {

using namespace std::chrono_literals;

TEST(look_pace, is_what_is_wanted_as_long_as_looks_are_light) {
  EXPECT_EQ((look_pace{.wanted = 1s, .share = 40}).interval_after(3ms), 1s);
  EXPECT_EQ((look_pace{.wanted = 1s, .share = 40}).interval_after(25ms), 1s);
}

TEST(look_pace, leaves_looks_their_share_of_the_time) {
  EXPECT_EQ((look_pace{.wanted = 1s, .share = 40}).interval_after(200ms), 8s);
  EXPECT_EQ((look_pace{.wanted = 100ms, .share = 10}).interval_after(50ms), 500ms);
}

}  // namespace
}  // namespace waitstate::cli
