#include "facts/count_line.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using tcp::state;

TEST(count_line, reads_states_in_every_order) {
  const std::pair<std::string_view, count_line> cases[] = {
      {"   3699 CLOSE_WAIT", {.count = 3699, .state = state::close_wait}},
      {"CLOSE_WAIT 710", {.count = 710, .state = state::close_wait}},
      {"CLOSE_WAIT: 710", {.count = 710, .state = state::close_wait}},
      {"CLOSE_WAIT : 710", {.count = 710, .state = state::close_wait}},
      {"TIME_WAIT=5", {.count = 5, .state = state::time_wait}},
      {"TIME-WAIT:\t5", {.count = 5, .state = state::time_wait}},
      {" 1204 TimeWait                  {MSFT_NetTCPConnection (InstanceID = 4), MSFT_Net}",
       {.count = 1204, .state = state::time_wait}},
      {"   12 (CLOSE_WAIT)", {.count = 12, .state = state::close_wait}},
      {"   9 tcp CLOSE_WAIT", {.count = 9, .state = state::close_wait}},
      {"    412 users:((\"php-fpm8.1\",pid=2011,fd=12))",
       {.count = 412, .program = "php-fpm8.1", .pid = 2011}},
      {"   4412 08", {.count = 4412, .kernel_state = state::close_wait}},
      {"   21873 06 TIME_WAIT",
       {.count = 21873, .state = state::time_wait, .kernel_state = state::time_wait}},
      {"      1 st", {.count = 1, .noise = true}},
      {" 1104", {.count = 1104}},
      {"heroic-0:        0", {.count = 0, .label = "heroic-0"}},
  };
  for (const auto& [line, want] : cases) EXPECT_EQ(read_count_line(line), want) << line;
}

TEST(count_line, reads_a_state_and_its_number_whatever_people_put_around_them) {
  for (const std::string_view line :
       {"CLOSE_WAIT 2300 # \xE9\x9D\x9E\xE5\xB8\xB8", "CLOSE_WAIT 2300 // leak",
        "CLOSE_WAIT 2300 <--- here", "CLOSE_WAIT 2300 (!!)", "CLOSE_WAIT 2300 (95%)",
        "CLOSE_WAIT 2300 \xE4\xB8\xAA", "CLOSE_WAIT 2,300", "**2300** CLOSE_WAIT",
        "| CLOSE_WAIT | 2300 |", "\"CLOSE_WAIT\": 2300,", "CLOSE_WAIT ..... 2300",
        "~2300 CLOSE_WAIT", "2300 CLOSE_WAIT #leak", "CLOSE_WAIT -> 2300 (was 12 yesterday)"}) {
    EXPECT_EQ(read_count_line(line), (count_line{.count = 2300, .state = state::close_wait}))
        << line;
  }
}

TEST(count_line, is_none_where_more_than_a_comment_follows) {
  for (const std::string_view line :
       {"TIME_WAIT 60 seconds is the default", "LISTEN 0 128 *:80", "CLOSE_WAIT 2,30",
        "TIME_WAIT CLOSE_WAIT 3 (x)", "| CLOSE_WAIT | |"}) {
    EXPECT_EQ(read_count_line(line), std::nullopt) << line;
  }
}

TEST(count_line, reads_endpoints_and_programs) {
  const std::pair<std::string_view, count_line> cases[] = {
      {"  11 172.16.0.2", {.count = 11, .endpoint = text_endpoint{.host = "172.16.0.2"}}},
      {"64 xxx.xxx.xxx.xxx", {.count = 64, .endpoint = text_endpoint{.host = "xxx.xxx.xxx.xxx"}}},
      {"120 ESTAB 10.0.0.5:3306",
       {.count = 120,
        .state = state::established,
        .endpoint = text_endpoint{.host = "10.0.0.5", .port = 3306}}},
      {"7 [::1]:80", {.count = 7, .endpoint = text_endpoint{.host = "::1", .port = 80}}},
      {"7 10.0.0.5.443", {.count = 7, .endpoint = text_endpoint{.host = "10.0.0.5", .port = 443}}},
      {"33 CLOSE_WAIT 812/java",
       {.count = 33, .state = state::close_wait, .program = "java", .pid = 812}},
  };
  for (const auto& [line, want] : cases) EXPECT_EQ(read_count_line(line), want) << line;
}

TEST(count_line, knows_what_is_left_of_a_header) {
  EXPECT_TRUE(read_count_line("      1 established)")->noise);
  EXPECT_TRUE(read_count_line("      1 Foreign")->noise);
}

TEST(count_line, is_none_for_prose_and_tables) {
  for (const std::string_view line :
       {"", "we had 5 crashes today", "3 established connections were open", "no number here",
        " 1  0      0 123456  2345 98765    0    0", "total used free"}) {
    EXPECT_EQ(read_count_line(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
