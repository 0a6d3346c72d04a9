#include "look/cookie_set.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(cookie_set, tells_the_first_time_from_the_second) {
  cookie_set seen;
  EXPECT_TRUE(seen.insert(0x6391f));
  EXPECT_FALSE(seen.insert(0x6391f));
  EXPECT_TRUE(seen.insert(0x100006391fULL));
  EXPECT_EQ(seen.unchecked(), 0U);
}

TEST(cookie_set, takes_an_unknown_cookie_as_new_each_time) {
  cookie_set seen;
  EXPECT_TRUE(seen.insert(0));
  EXPECT_TRUE(seen.insert(0));
}

TEST(cookie_set, counts_what_it_could_not_check_once_full) {
  cookie_set seen(2);
  EXPECT_TRUE(seen.insert(1));
  EXPECT_TRUE(seen.insert(2));
  EXPECT_TRUE(seen.insert(3));
  EXPECT_TRUE(seen.insert(3));
  EXPECT_FALSE(seen.insert(1));
  EXPECT_EQ(seen.unchecked(), 2U);
}

}  // namespace
}  // namespace waitstate::kernel
