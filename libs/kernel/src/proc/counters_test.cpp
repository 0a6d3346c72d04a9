#include "proc/counters.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

TEST(counters, pair_the_names_with_the_values_of_the_next_line) {
  counter_map counters;
  add_counters(counters,
               "Ip: Forwarding DefaultTTL\n"
               "Ip: 1 64\n"
               "Tcp: RtoAlgorithm MaxConn ActiveOpens\n"
               "Tcp: 1 -1 4711\n"
               "TcpExt: ListenOverflows TCPTimeWaitOverflow\n"
               "TcpExt: 17 0\n");
  EXPECT_EQ(counters, (counter_map{{"Tcp.RtoAlgorithm", 1},
                                   {"Tcp.ActiveOpens", 4711},
                                   {"TcpExt.ListenOverflows", 17},
                                   {"TcpExt.TCPTimeWaitOverflow", 0}}));
}

TEST(counters, survive_texts_that_are_cut_or_odd) {
  for (const auto* text : {"", "Tcp", "Tcp:", "Tcp: A", "Tcp: A\n", "Tcp: A\nUdp: 1\n",
                           "Tcp: A B\nTcp:\n", "\n\n", "Tcp: A\nTcp: x\n"}) {
    counter_map counters;
    add_counters(counters, text);
    EXPECT_TRUE(counters.empty()) << text;
  }
  counter_map counters;
  add_counters(counters, "Tcp: A B\nTcp: 1\n");
  EXPECT_EQ(counters, (counter_map{{"Tcp.A", 1}}));
}

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
  add_sockstat(totals, "TCP: inuse\nTCP: tw x\nTCP: new 5 tw 6");
  EXPECT_EQ(totals.in_use, std::nullopt);
  EXPECT_EQ(totals.time_wait, 6U);
}

}  // namespace
}  // namespace waitstate::kernel
