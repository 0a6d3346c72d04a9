#include "reading/unread_lines.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(unread_lines, count_what_looks_like_rows) {
  unread_lines unread;
  for (const auto* line :
       {"tcp 0 0 10.0.0.7 10.0.0.8", "  a:1 b:2 TIME_WAIT x", "a:1 b LISTEN x"}) {
    unread.add(line);
  }
  EXPECT_EQ(unread.rows(), 3U);
  EXPECT_EQ(unread.first_row(), "tcp 0 0 10.0.0.7 10.0.0.8");
  EXPECT_FALSE(unread.some_owners_hidden());
}

TEST(unread_lines, leave_prose_and_other_protocols_alone) {
  unread_lines unread;
  for (const auto* line :
       {"", "we see this: sockets that wait for nothing", "tcp is slow here now",
        "udp 0 0 10.0.0.7:53 10.0.0.8:9", "unix 3 [ ] STREAM CONNECTED: 7 LISTEN",
        "a:1 TIME_WAIT x", "1 2 3 4 5 6 7 8 9 10 11 12 13: TIME_WAIT 15"}) {
    unread.add(line);
    EXPECT_EQ(unread.rows(), 0U) << line;
  }
}

TEST(unread_lines, keep_that_owners_are_hidden) {
  unread_lines unread;
  unread.add("(Not all processes could be identified, non-owned process info");
  EXPECT_TRUE(unread.some_owners_hidden());
  EXPECT_EQ(unread.rows(), 0U);
}

TEST(unread_lines, show_the_start_of_the_first) {
  unread_lines unread;
  unread.add("tcp 0 0 " + std::string(200, 'x') + " y");
  EXPECT_EQ(unread.first_row().size(), 80U);
}

}  // namespace
}  // namespace waitstate::paste
