#include "look/flat_table.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

struct numbered {
  std::uint64_t number = 0;
  int value = 0;
  [[nodiscard]] std::uint64_t key() const { return number; }
};

TEST(flat_table, finds_what_was_put_in_and_nothing_else) {
  flat_table<numbered> table(1'000'000);
  EXPECT_EQ(table.find(7), nullptr);
  for (std::uint64_t n = 1; n <= 50'000; ++n) {
    ASSERT_TRUE(table.insert({.number = n * 3, .value = static_cast<int>(n)}).inserted);
  }
  EXPECT_EQ(table.size(), 50'000U);
  for (std::uint64_t n = 1; n <= 50'000; ++n) {
    ASSERT_NE(table.find(n * 3), nullptr) << n;
    ASSERT_EQ(table.find(n * 3)->value, static_cast<int>(n));
    ASSERT_EQ(table.find(n * 3 + 1), nullptr) << n;
  }
  EXPECT_EQ(table.find(0), nullptr);
}

TEST(flat_table, keeps_the_first_of_two_with_the_same_key) {
  flat_table<numbered> table(10);
  EXPECT_TRUE(table.insert({.number = 5, .value = 1}).inserted);
  const auto again = table.insert({.number = 5, .value = 2});
  EXPECT_FALSE(again.inserted);
  EXPECT_EQ(again.entry->value, 1);
}

TEST(flat_table, takes_no_more_than_its_bound) {
  flat_table<numbered> table(100);
  table.reserve(1'000'000);
  EXPECT_LT(table.slots().size(), 200U);
  for (std::uint64_t n = 1; n <= 100; ++n) ASSERT_TRUE(table.insert({.number = n}).inserted);
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.insert({.number = 101}).entry, nullptr);
  EXPECT_NE(table.insert({.number = 100}).entry, nullptr);
  EXPECT_EQ(table.size(), 100U);
}

TEST(flat_table, does_not_grow_within_what_was_reserved_and_keeps_what_it_has) {
  flat_table<numbered> table(1'000'000);
  for (std::uint64_t n = 1; n <= 1000; ++n) table.insert({.number = n});
  table.reserve(9000);
  const auto slots = table.slots().size();
  for (std::uint64_t n = 1001; n <= 10'000; ++n) table.insert({.number = n});
  EXPECT_EQ(table.slots().size(), slots);
  for (std::uint64_t n = 1; n <= 10'000; ++n) ASSERT_NE(table.find(n), nullptr) << n;
}

TEST(flat_table, stays_at_most_four_fifths_full) {
  flat_table<numbered> table(1'000'000);
  for (std::uint64_t n = 1; n <= 10'000; ++n) {
    table.insert({.number = n << 40});
    ASSERT_LE(table.size() * 5, table.slots().size() * 4);
  }
  EXPECT_EQ(std::ranges::count_if(table.slots(), [](const auto& e) { return e.key() != 0; }),
            10'000);
}

}  // namespace
}  // namespace waitstate::kernel
