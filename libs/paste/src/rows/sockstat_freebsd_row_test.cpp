#include <gtest/gtest.h>

#include "row_text.h"
#include "rows/readers.h"
#include "waitstate/paste/read.h"

namespace waitstate::paste {
namespace {

TEST(sockstat_freebsd_row, reads_every_layout) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"www      nginx      1464  12  tcp4   10.0.0.7:80    10.0.0.8:55123   CLOSE_WAIT",
       "CLOSE-WAIT 10.0.0.7|80 10.0.0.8|55123 program=nginx pid=1464"},
      {"root     sshd       700   3   tcp6   *:22           *:*              LISTEN",
       "LISTEN *|22 *|0 program=sshd pid=700"},
      {"?        ?          ?     ?   tcp4   10.0.0.7:80    10.0.0.8:55127   TIME_WAIT",
       "TIME-WAIT 10.0.0.7|80 10.0.0.8|55127 no-owner"},
      {"www      nginx      1464  12  tcp4   10.0.0.7:80    10.0.0.8:55123",
       "UNKNOWN 10.0.0.7|80 10.0.0.8|55123 program=nginx pid=1464"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(to_text(read_sockstat_freebsd_row(line)), expected) << line;
  }
}

TEST(sockstat_freebsd_row, refuses_what_is_none) {
  for (const std::string_view line : {
           "USER     COMMAND    PID   FD  PROTO  LOCAL ADDRESS   FOREIGN ADDRESS   STATE",
           "root     syslogd    512   6   udp4   *:514           *:*",
           "tcp 1 0 10.0.0.7:80 10.0.0.8:55123 CLOSE_WAIT -",
       }) {
    EXPECT_EQ(to_text(read_sockstat_freebsd_row(line)), "nothing") << line;
  }
}

TEST(sockstat_freebsd_row, as_a_text) {
  const auto s = read(
      "USER     COMMAND    PID   FD  PROTO  LOCAL ADDRESS         FOREIGN ADDRESS       STATE\n"
      "www      nginx      1464  6   tcp4   *:80                  *:*                   LISTEN\n"
      "www      nginx      1464  12  tcp4   10.0.0.7:80           10.0.0.8:55123        "
      "CLOSE_WAIT\n"
      "www      nginx      1464  13  tcp4   10.0.0.7:80           10.0.0.8:55124        "
      "CLOSE_WAIT\n",
      {});
  ASSERT_TRUE(s);
  EXPECT_EQ(s->host.os, os_family::freebsd);
  EXPECT_EQ(s->source_detail, "sockstat");
  ASSERT_EQ(s->processes.size(), 1U);
  EXPECT_EQ(s->processes[0].name, "nginx");
  EXPECT_EQ(s->groups.size(), 1U);
  EXPECT_EQ(s->unread, 0U);
}

}  // namespace
}  // namespace waitstate::paste
