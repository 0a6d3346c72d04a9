#include "text/words.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(words, are_split_at_blanks_and_tabs) {
  const word_list words("  tcp\t10.0.0.7:80   LISTEN ");
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[1], "10.0.0.7:80");
  EXPECT_EQ(words[3], "");
  EXPECT_FALSE(words.more());
  EXPECT_TRUE(word_list("").empty());
}

TEST(words, past_the_capacity_are_dropped) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "w ";
  const word_list words(text);
  EXPECT_EQ(words.size(), word_list::capacity);
  EXPECT_TRUE(words.more());
}

TEST(words, read_numbers) {
  EXPECT_EQ(whole_number("28232"), 28232U);
  EXPECT_EQ(whole_number("28232x"), std::nullopt);
  EXPECT_EQ(whole_number(""), std::nullopt);
  EXPECT_EQ(whole_number("99999999999999999999"), std::nullopt);
  EXPECT_EQ(leading_number("48611/0"), 48611U);
  EXPECT_EQ(leading_number("x1"), std::nullopt);
  EXPECT_EQ(number_after("tw 3 alloc 41", "alloc"), 41U);
  EXPECT_EQ(number_after("tw 3", "alloc"), std::nullopt);
  EXPECT_EQ(number_after("tw", "tw"), std::nullopt);
}

TEST(words, compare_without_case) {
  EXPECT_TRUE(starts_in_any_case("Max Open Files", "max open"));
  EXPECT_FALSE(starts_in_any_case("max", "max open"));
  EXPECT_EQ(lower("Too MANY"), "too many");
  EXPECT_EQ(trimmed(" \t a b\t"), "a b");
  EXPECT_EQ(trimmed("  "), "");
}

}  // namespace
}  // namespace waitstate::paste
