#include "sparkline.h"

#include <gtest/gtest.h>

namespace waitstate::view {
namespace {

using values = std::vector<std::optional<double>>;

TEST(sparkline, is_full_at_the_highest_value_and_lowest_at_nothing) {
  EXPECT_EQ(sparkline(values{0, 7, 3.5}), "▁█▅");
}

TEST(sparkline, shows_more_than_nothing_above_nothing) {
  EXPECT_EQ(sparkline(values{0, 0.001, 1'000}), "▁▂█");
}

TEST(sparkline, leaves_a_blank_where_nothing_was_seen) {
  EXPECT_EQ(sparkline(values{std::nullopt, 0, std::nullopt}), " ▁ ");
}

TEST(gauge, is_empty_only_of_nothing_and_full_only_of_all) {
  EXPECT_EQ(gauge(0, 10, 4), "░░░░");
  EXPECT_EQ(gauge(0.01, 10, 4), "▏░░░");
  EXPECT_EQ(gauge(5, 10, 4), "██░░");
  EXPECT_EQ(gauge(9.99, 10, 4), "███░");
  EXPECT_EQ(gauge(10, 10, 4), "████");
  EXPECT_EQ(gauge(12, 10, 4), "████");
  EXPECT_EQ(gauge(1, 0, 4), "░░░░");
  EXPECT_EQ(gauge(1, 2, 0), "");
}

}  // namespace
}  // namespace waitstate::view
