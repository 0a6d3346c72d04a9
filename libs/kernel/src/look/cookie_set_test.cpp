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

TEST(cookie_owners, remember_the_first_owner_of_a_cookie) {
  cookie_owners owners(2);
  owners.insert(0x100000001ULL, 7);
  owners.insert(0x100000001ULL, 8);
  owners.insert(1, 9);
  owners.insert(2, 10);
  owners.insert(0, 11);
  EXPECT_EQ(owners.find(0x100000001ULL), 7U);
  EXPECT_EQ(owners.find(1), 9U);
  EXPECT_EQ(owners.find(2), std::nullopt);
  EXPECT_EQ(owners.find(0), std::nullopt);
}

}  // namespace
}  // namespace waitstate::kernel
