#include "look/cookie_owners.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

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
