#include "proc/proc_file.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(proc_file, reads_no_more_than_asked_and_nothing_of_what_is_not_there) {
  EXPECT_EQ(read_file("/proc/self/stat", 1).value_or("").size(), 1U);
  EXPECT_GT(read_file("/proc/self/stat", 65'536).value_or("").size(), 20U);
  EXPECT_EQ(read_file("/proc/self/no-such-file", 100), std::nullopt);
  EXPECT_EQ(read_file("/proc/self", 100), std::nullopt);
}

TEST(proc_file, takes_a_text_apart) {
  std::string_view text = "a  b\tc\nrest";
  EXPECT_EQ(take_word(text), "a");
  EXPECT_EQ(take_word(text), "b");
  EXPECT_EQ(take_until(text, '\n'), "\tc");
  EXPECT_EQ(take_until(text, '\n'), "rest");
  EXPECT_EQ(take_word(text), "");
  EXPECT_EQ(take_until(text, '\n'), "");
}

TEST(proc_file, reads_whole_numbers_only) {
  EXPECT_EQ(to_number<std::uint32_t>("4294967295"), 4294967295U);
  EXPECT_EQ(to_number<std::uint32_t>("4294967296"), std::nullopt);
  EXPECT_EQ(to_number<std::int32_t>("-7"), -7);
  EXPECT_EQ(to_number<std::uint64_t>("7x"), std::nullopt);
  EXPECT_EQ(to_number<std::uint64_t>(""), std::nullopt);
}

}  // namespace
}  // namespace waitstate::kernel
