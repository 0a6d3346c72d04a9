#include "waitstate/procfs/text.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace waitstate::procfs {
namespace {

TEST(proc_text, is_taken_apart_from_the_front) {
  std::string_view text = "a  b\tc\nrest";
  EXPECT_EQ(take_word(text), "a");
  EXPECT_EQ(take_word(text), "b");
  EXPECT_EQ(take_until(text, '\n'), "\tc");
  EXPECT_EQ(take_until(text, '\n'), "rest");
  EXPECT_EQ(take_word(text), "");
  EXPECT_EQ(take_until(text, '\n'), "");
}

TEST(proc_text, has_whole_numbers_only) {
  EXPECT_EQ(to_number<std::uint32_t>("4294967295"), 4294967295U);
  EXPECT_EQ(to_number<std::uint32_t>("4294967296"), std::nullopt);
  EXPECT_EQ(to_number<std::int32_t>("-7"), -7);
  EXPECT_EQ(to_number<std::uint64_t>("7x"), std::nullopt);
  EXPECT_EQ(to_number<std::uint64_t>(""), std::nullopt);
}

TEST(proc_text, is_shown_as_one_line_with_single_blanks) {
  EXPECT_EQ(one_blank_apart("32768\t60999\n"), "32768 60999");
  EXPECT_EQ(one_blank_apart("\n"), "");
  EXPECT_EQ(one_blank_apart("2\n"), "2");
}

}  // namespace
}  // namespace waitstate::procfs
