#include "text/spread_out.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

std::string joined_text(std::string_view line) {
  std::string scratch;
  return std::string(joined(line, scratch));
}

TEST(spread_out, names_of_states_are_put_together) {
  EXPECT_EQ(joined_text("TIME - WAIT 12"), "TIME-WAIT 12");
  EXPECT_EQ(joined_text("tcp 0 0 CLOSE_ WAIT"), "tcp 0 0 CLOSE_WAIT");
  EXPECT_EQ(joined_text("FIN - WAIT - 2 3"), "FIN-WAIT-2 3");
  EXPECT_EQ(joined_text("FIN _WAIT2 3"), "FIN_WAIT2 3");
  EXPECT_EQ(joined_text("SYN_ SENT 1 TIME _ WAIT 2"), "SYN_SENT 1 TIME_WAIT 2");
}

TEST(spread_out, addresses_are_put_together) {
  EXPECT_EQ(joined_text("   4352  10.4 . 14.24"), "   4352  10.4.14.24");
  EXPECT_EQ(joined_text("10 . 4 . 14 . 24:80"), "10.4.14.24:80");
}

TEST(spread_out, options_are_put_together_behind_a_tool) {
  EXPECT_EQ(joined_text("[robin@a ~]$ ss  - a | grep TIME - WAIT  - c"),
            "[robin@a ~]$ ss  -a | grep TIME-WAIT  -c");
  EXPECT_EQ(joined_text("| sort | uniq  - c"), "| sort | uniq  -c");
  EXPECT_EQ(joined_text("grep - TIME - WAIT"), "grep - TIME-WAIT");
  EXPECT_EQ(joined_text("awk  - F \":\""), "awk  -F \":\"");
}

TEST(spread_out, no_break_spaces_part_and_characters_of_no_width_do_not) {
  EXPECT_EQ(joined_text("TIME_WAIT\xC2\xA0"
                        "42"),
            "TIME_WAIT 42");
  EXPECT_EQ(joined_text("TIME\xE2\x80\x8B_WAIT 42"), "TIME_WAIT 42");
}

TEST(spread_out, everything_else_stays) {
  for (const std::string_view line :
       {"tcp 0 0 10.0.0.1:80 10.0.0.2:33 ESTABLISHED -", "we waited - a lot", "1 . 2 . 3",
        "1 . 2 . 3 . 4 . 5", "- a", "version 1.2 . 3 . 4000", "time to wait - not yet",
        "net.ipv4.tcp_fin_timeout = 60", "caf\xC3\xA9 \xE2\x86\x92 10.0.0.1:80", "0.000 - 0.250",
        "a_ b", "TIME - OUT"}) {
    EXPECT_EQ(joined_text(line), line);
  }
}

TEST(spread_out, no_character_of_no_width_is_left_where_one_was_taken_out_of_another) {
  EXPECT_EQ(joined_text("a\xEF\xBB\xEF\xBB\xBF\xBF"), "a");
  EXPECT_EQ(joined_text("a\xC2\xE2\x80\x8B\xA0z"), "a z");
}

TEST(spread_out, a_scratch_may_hold_the_line) {
  std::string scratch = "TIME - WAIT 12";
  EXPECT_EQ(joined(scratch, scratch), "TIME-WAIT 12");
}

TEST(spread_out, blanks_and_dashes_of_chats_are_those_of_tools) {
  for (const std::string_view blank :
       {"\xC2\xA0", "\xE2\x80\x83", "\xE2\x80\xAF", "\xE3\x80\x80"}) {
    EXPECT_EQ(joined_text("tcp" + std::string(blank) + "0"), "tcp 0");
  }
  for (const std::string_view dash : {"\xE2\x80\x91", "\xE2\x80\x93", "\xE2\x88\x92"}) {
    EXPECT_EQ(joined_text("TIME" + std::string(dash) + "WAIT 12"), "TIME-WAIT 12");
  }
}

}  // namespace
}  // namespace waitstate::paste
