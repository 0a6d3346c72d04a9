#include "waitstate/snapshot/host_facts.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(network_namespace, reads_settings_as_numbers_ranges_and_sets) {
  network_namespace ns;
  ns.sysctls = {{"net.ipv4.tcp_tw_reuse", "2"},
                {"net.ipv4.ip_local_port_range", "32768\t60999"},
                {"net.ipv4.ip_local_reserved_ports", "40000-40009"},
                {"net.ipv4.tcp_rmem", "4096 131072 6291456"}};
  EXPECT_EQ(ns.sysctl("net.ipv4.tcp_tw_reuse"), 2);
  EXPECT_EQ(ns.sysctl("net.ipv4.tcp_rmem"), std::nullopt);
  EXPECT_EQ(ns.sysctl("net.ipv4.tcp_fin_timeout"), std::nullopt);
  EXPECT_EQ(ns.ephemeral_range(), (tcp::port_range{32768, 60999}));
  EXPECT_EQ(ns.reserved_ports().size(), 10U);
}

TEST(network_namespace, says_nothing_of_what_was_not_read) {
  const network_namespace ns;
  EXPECT_EQ(ns.ephemeral_range(), std::nullopt);
  EXPECT_TRUE(ns.reserved_ports().empty());
  EXPECT_EQ(ns.counter("TcpExt.ListenOverflows"), std::nullopt);
  EXPECT_EQ(ns.counter_rate("TcpExt.ListenOverflows"), std::nullopt);
}

TEST(host_facts, reads_the_kernel_version) {
  host_facts host;
  EXPECT_EQ(host.version(), std::nullopt);
  host.kernel_release = "6.18.44-cloud";
  EXPECT_EQ(host.version(), (kernel_version{6, 18}));
  EXPECT_LT(*host.version(), (kernel_version{7, 1}));
  EXPECT_GE(*host.version(), (kernel_version{6, 14}));
  host.kernel_release = "unknown";
  EXPECT_EQ(host.version(), std::nullopt);
}

TEST(os_family, every_name_reads_back) {
  for (const auto value : all_os_families)
    EXPECT_EQ(parse_os_family(to_string(value)), value) << to_string(value);
  EXPECT_EQ(all_os_families.size(), static_cast<std::size_t>(os_family::other_bsd) + 1);
  EXPECT_EQ(parse_os_family("linux"), std::nullopt);
}

}  // namespace
}  // namespace waitstate
