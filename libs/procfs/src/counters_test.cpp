#include "waitstate/procfs/counters.h"

#include <gtest/gtest.h>

namespace waitstate::procfs {
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

TEST(counters, of_a_pair_have_the_group_in_their_names) {
  const auto all = read_counter_pair("TcpExt: SyncookiesSent ListenOverflows", "TcpExt: 3 17");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1], (counter{.name = "TcpExt.ListenOverflows", .value = 17}));
  EXPECT_EQ(read_counter_pair("MPTcpExt: MPCapableSYNRX", "MPTcpExt: 5")[0].name,
            "MPTcpExt.MPCapableSYNRX");
}

TEST(counters, are_none_where_two_lines_are_no_pair) {
  EXPECT_TRUE(read_counter_pair("TcpExt: A B", "Tcp: 1 2").empty());
  EXPECT_TRUE(read_counter_pair("nothing", "nothing").empty());
  EXPECT_TRUE(read_counter_pair("", "").empty());
  EXPECT_TRUE(read_counter_pair("Tcp: 1 2", "Tcp: 1 2").empty());
  EXPECT_TRUE(read_counter_pair("Tcp: A", "Tcp: 9007199254740993").empty());
}

}  // namespace
}  // namespace waitstate::procfs
