#include "text/joined_rows.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

constexpr auto none = std::string_view::npos;

TEST(joined_rows, a_second_row_is_found_where_it_begins) {
  struct row {
    std::string_view first, second;
  };
  constexpr row rows[] = {
      {"tcp 1 0 10.0.0.2:41000 10.0.0.9:80 CLOSE_WAIT",
       "tcp 1 0 10.0.0.2:41001 10.0.0.9:80 CLOSE_WAIT"},
      {"tcp6 1 0 ::1:41000 ::1:80 CLOSE_WAIT 12/java",
       "tcp 1 0 10.0.0.2:41001 10.0.0.9:80 CLOSE_WAIT"},
      {"State Recv-Q Send-Q Local Address:Port Peer Address:Port",
       "CLOSE-WAIT 1 0 10.0.0.2:41000 10.0.0.9:80"},
      {"CLOSE-WAIT 1 0 10.0.0.2:41000 10.0.0.9:80 users:((\"java\",pid=7,fd=3))",
       "ESTAB 0 0 10.0.0.2:41001 10.0.0.9:80"},
      {"tcp ESTAB 0 0 10.0.0.2:41001 10.0.0.9:80  ",
       "tcp CLOSE-WAIT 1 0 10.0.0.2:41000 10.0.0.9:80"},
      {"TCP 10.0.0.2:41000 10.0.0.9:80 CLOSE_WAIT 4711",
       "TCP 10.0.0.2:41001 10.0.0.9:80 CLOSE_WAIT 4711"},
      {"tcp4 0 0 10.0.0.2.41000 10.0.0.9.80 CLOSE_WAIT",
       "tcp4 0 0 10.0.0.2.41001 10.0.0.9.80 CLOSE_WAIT"},
  };
  for (const auto& [first, second] : rows) {
    const auto line = std::string(first) + " " + std::string(second);
    EXPECT_EQ(next_row_in(line), first.size() + 1) << line;
    EXPECT_EQ(next_row_in(first), none) << first;
    EXPECT_EQ(next_row_in(second), none) << second;
  }
}

TEST(joined_rows, no_row_and_no_prose_has_another_inside) {
  for (const std::string_view line :
       {"", "tcp",
        "tcp   ESTAB 0 0 10.0.0.2:41001 10.0.0.9:80 users:((\"java\",pid=7,fd=3)) ino:7 sk:1 uid:3",
        "java 7 www 12u IPv4 9 0t0 TCP 10.0.0.7:80->10.0.0.8:55123 (CLOSE_WAIT) and some more "
        "words",
        "we saw 12 of them at 10:00, then TCP sockets in TIME-WAIT 30 of 10.0.0.1:80 at 11:00 "
        "o'clock",
        "nf_conntrack tcp 6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 "
        "src=1.1.1.1"}) {
    EXPECT_EQ(next_row_in(line), none) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
