#include "waitstate/procfs/sockstat.h"

#include <gtest/gtest.h>

namespace waitstate::procfs {
namespace {

TEST(sockstat, adds_up_both_families) {
  socket_totals totals;
  add_sockstat(totals,
               "sockets: used 16\n"
               "TCP: inuse 10 orphan 2 tw 3 alloc 14 mem 5\n"
               "UDP: inuse 7 mem 8\n");
  add_sockstat(totals, "TCP6: inuse 4\nUDP6: inuse 1\n");
  EXPECT_EQ(totals.in_use, 14U);
  EXPECT_EQ(totals.orphan, 2U);
  EXPECT_EQ(totals.time_wait, 3U);
  EXPECT_EQ(totals.allocated, 14U);
  EXPECT_EQ(totals.memory_pages, 5U);
}

TEST(sockstat, leaves_unknown_what_is_not_there) {
  socket_totals totals;
  add_sockstat(totals, "TCP: inuse\nTCP: inuse 1 tw x\n");
  EXPECT_EQ(totals.in_use, 1U);
  EXPECT_EQ(totals.time_wait, std::nullopt);
  add_sockstat(totals, "TCP6: inuse 1 new 5 tw 6");
  EXPECT_EQ(totals.time_wait, 6U);
}

TEST(sockstat, has_lines_that_say_nothing_of_tcp) {
  for (const auto* line :
       {"sockets: used 3837", "UDP: inuse 36 mem 20", "FRAG: inuse 0 memory 0", "RAW6: inuse 1"}) {
    const auto found = read_sockstat_line(line);
    ASSERT_TRUE(found) << line;
    EXPECT_EQ(found->what, sockstat_line::kind::other) << line;
    EXPECT_EQ(found->totals.in_use, std::nullopt) << line;
  }
}

TEST(sockstat, is_told_from_other_lines) {
  for (const auto* line :
       {"", "TCP", "TCP: too many orphaned sockets", "TCP: inuse", "TCP: inuse many",
        "TCP:   51582 (estab 2866, closed 48611)", "ICMP: inuse 5", "sockets: 5"}) {
    EXPECT_FALSE(read_sockstat_line(line)) << line;
  }
}

TEST(sockstat, is_read_with_the_commas_of_who_retyped_it) {
  const auto found = read_sockstat_line("TCP: inuse 28, orphan 1, tw 3");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->what, sockstat_line::kind::tcp);
  EXPECT_EQ(found->totals.in_use, 28U);
  EXPECT_EQ(found->totals.time_wait, 3U);
}

}  // namespace
}  // namespace waitstate::procfs
