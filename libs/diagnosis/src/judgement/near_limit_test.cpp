#include "judgement/near_limit.h"

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

TEST(near_limit, warns_from_80_percent_on_and_is_critical_from_95_percent_on) {
  EXPECT_EQ(severity_near_limit(799, 1'000), std::nullopt);
  EXPECT_EQ(severity_near_limit(800, 1'000), severity::warning);
  EXPECT_EQ(severity_near_limit(949, 1'000), severity::warning);
  EXPECT_EQ(severity_near_limit(950, 1'000), severity::critical);
  EXPECT_EQ(severity_near_limit(2'000, 1'000), severity::critical);
}

TEST(near_limit, says_nothing_of_a_limit_that_is_not_known) {
  EXPECT_EQ(severity_near_limit(5, 0), std::nullopt);
  EXPECT_FALSE(is_near_limit(0, 0));
}

}  // namespace
}  // namespace waitstate::diagnosis
