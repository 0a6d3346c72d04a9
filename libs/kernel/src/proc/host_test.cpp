#include "proc/host.h"

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

using namespace std::chrono_literals;

TEST(host, reads_the_uptime_in_whole_seconds) {
  EXPECT_EQ(parse_uptime("3461.27 6801.50\n"), 3461s);
  EXPECT_EQ(parse_uptime(""), std::nullopt);
  EXPECT_EQ(parse_uptime("x"), std::nullopt);
}

TEST(host, knows_this_kernel) {
  const auto host = read_host();
  EXPECT_EQ(host.os, os_family::linux_kernel);
  EXPECT_TRUE(host.version());
  EXPECT_TRUE(host.uptime);
  EXPECT_TRUE(host.open_files_max);
}

TEST(host, reads_the_settings_and_counters_of_its_namespace) {
  const auto ns = read_network_namespace();
  EXPECT_TRUE(ns.ephemeral_range());
  EXPECT_TRUE(ns.sysctl("net.ipv4.tcp_tw_reuse"));
  EXPECT_TRUE(ns.counter("Tcp.ActiveOpens"));
  EXPECT_TRUE(ns.counter("TcpExt.ListenOverflows"));
  EXPECT_TRUE(ns.totals.in_use);
}

TEST(host, takes_conntrack_from_the_fullest_namespace) {
  host_facts host;
  add_conntrack(host, {});
  EXPECT_EQ(host.conntrack_max, std::nullopt);
  const auto counting = [](std::string count) {
    return network_namespace{.sysctls = {{"net.netfilter.nf_conntrack_count", std::move(count)},
                                         {"net.netfilter.nf_conntrack_max", "1000"}}};
  };
  add_conntrack(host, counting("900"));
  add_conntrack(host, counting("5"));
  EXPECT_EQ(host.conntrack_count, 900U);
  EXPECT_EQ(host.conntrack_max, 1000U);
}

TEST(host, conntrack_entries_are_the_first_number_of_a_row_in_hexadecimal) {
  EXPECT_EQ(parse_conntrack_entries("entries  clashres found\n0000002f  00000000 00000000\n"), 47U);
  EXPECT_EQ(parse_conntrack_entries("entries  clashres found\n"), std::nullopt);
  EXPECT_EQ(parse_conntrack_entries("entries\nnumber 1\n"), std::nullopt);
  EXPECT_EQ(parse_conntrack_entries(""), std::nullopt);
}

TEST(host, sockets_are_only_ruled_out_by_totals_that_were_read) {
  network_namespace ns;
  EXPECT_TRUE(has_sockets(ns));
  ns.totals.in_use = 0;
  ns.totals.time_wait = 0;
  EXPECT_FALSE(has_sockets(ns));
  ns.totals.time_wait = 1;
  EXPECT_TRUE(has_sockets(ns));
}

}  // namespace
}  // namespace waitstate::kernel
