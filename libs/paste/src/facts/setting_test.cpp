#include "facts/setting.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(setting, is_read_in_every_form) {
  struct row {
    std::string_view line, key, value;
  };
  constexpr row rows[] = {
      {"net.ipv4.tcp_tw_reuse = 1", "net.ipv4.tcp_tw_reuse", "1"},
      {"net.ipv4.ip_local_port_range = 32768\t60999", "net.ipv4.ip_local_port_range",
       "32768 60999"},
      {"net.ipv4.ip_local_port_range: 1024 65535", "net.ipv4.ip_local_port_range", "1024 65535"},
      {"net.ipv4.tcp_tw_reuse=1 # reuse", "net.ipv4.tcp_tw_reuse", "1"},
      {"net/ipv4/tcp_tw_reuse = 1", "net.ipv4.tcp_tw_reuse", "1"},
      {"/proc/sys/net/ipv4/tcp_tw_reuse:1", "net.ipv4.tcp_tw_reuse", "1"},
      {"tcp_fin_timeout = 30", "net.ipv4.tcp_fin_timeout", "30"},
      {"net.ipv4.tcp_congestion_control = cubic", "net.ipv4.tcp_congestion_control", "cubic"},
      {"net.inet.tcp.msl: 15000", "net.inet.tcp.msl", "15000"},
      {"net.inet.tcp.msl: 15000 -> 1000", "net.inet.tcp.msl", "1000"},
      {"net.ipv4.ip_local_reserved_ports = ", "net.ipv4.ip_local_reserved_ports", ""},
      {"    TcpTimedWaitDelay    REG_DWORD    0x1e", "TcpTimedWaitDelay", "30"},
      {"\"MaxUserPort\"=dword:0000fffe", "MaxUserPort", "65534"},
      {"Start Port      : 49152", "DynamicPortStart", "49152"},
      {"Anzahl von Ports : 16384", "DynamicPortCount", "16384"},
      {"DynamicPortRangeNumberOfPorts   : 16384", "DynamicPortCount", "16384"},
  };
  for (const auto& [line, key, value] : rows) {
    const auto found = read_setting(line);
    ASSERT_TRUE(found) << line;
    EXPECT_EQ(found->key, key) << line;
    EXPECT_EQ(found->value, value) << line;
  }
}

TEST(setting, is_none_in_comments_and_prose) {
  for (const std::string_view line :
       {"", "# net.ipv4.tcp_tw_reuse = 1", "we set tcp_tw_reuse to 1", "port: 80", "timeout = 30",
        "tcp_tw_reuse should help here", "net.ipv4.tcp_tw_reuse is what you want to set here",
        "https://example.com/x"}) {
    EXPECT_EQ(read_setting(line), std::nullopt) << line;
  }
}

TEST(setting, goes_where_rules_look_for_it) {
  network_namespace ns;
  host_facts host;
  for (const std::string_view line :
       {"net.ipv4.tcp_max_orphans = 1024", "net.netfilter.nf_conntrack_max = 65536",
        "net.netfilter.nf_conntrack_count = 65536", "fs.file-nr = 1024\t0\t8192",
        "kernel.osrelease = 5.4.0-42-generic"}) {
    apply(*read_setting(line), ns, host);
  }
  EXPECT_EQ(ns.sysctl("net.ipv4.tcp_max_orphans"), 1024);
  EXPECT_EQ(host.sysctl("net.ipv4.tcp_max_orphans"), 1024);
  EXPECT_EQ(host.conntrack_max, 65536U);
  EXPECT_EQ(host.conntrack_count, 65536U);
  EXPECT_EQ(host.open_files, 1024U);
  EXPECT_EQ(host.open_files_max, 8192U);
  EXPECT_EQ(host.version(), (kernel_version{.major = 5, .minor = 4}));
}

TEST(setting, of_other_systems_gives_the_port_range) {
  const auto range_of = [](std::initializer_list<std::string_view> lines) {
    network_namespace ns;
    host_facts host;
    for (const auto line : lines) apply(*read_setting(line), ns, host);
    return ns.ephemeral_range();
  };
  EXPECT_EQ(range_of({"net.inet.ip.portrange.first: 49152", "net.inet.ip.portrange.last: 65535"}),
            (tcp::port_range{.low = 49152, .high = 65535}));
  EXPECT_EQ(range_of({"Start Port : 1025", "Number of Ports : 3976"}),
            (tcp::port_range{.low = 1025, .high = 5000}));
  EXPECT_EQ(range_of({"MaxUserPort REG_DWORD 0xfffe"}),
            (tcp::port_range{.low = 1025, .high = 65534}));
  EXPECT_EQ(range_of({"net.inet.tcp.msl: 15000"}), std::nullopt);
}

TEST(setting, is_made_of_what_a_command_sets_or_prints) {
  const auto made = make_setting("net.ipv4.ip_local_port_range", "32768\t60999");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->value, "32768 60999");
  EXPECT_EQ(made->os, os_family::linux_kernel);
  EXPECT_EQ(make_setting("tcp_fin_timeout", " 30 ")->key, "net.ipv4.tcp_fin_timeout");
  EXPECT_EQ(make_setting("timeout", "30"), std::nullopt);
  EXPECT_EQ(make_setting("net.ipv4.tcp_tw_reuse", "is what one sets on such hosts"), std::nullopt);
}

TEST(setting, reads_netsh_in_other_scripts) {
  struct row {
    std::string_view line, key, value;
  };
  for (const auto& [line, key, value] :
       {row{"启动端口        : 12000", "DynamicPortStart", "12000"},
        row{"端口数          : 40000", "DynamicPortCount", "40000"},
        row{"開始ポート      : 49152", "DynamicPortStart", "49152"},
        row{"ポート数        : 16384", "DynamicPortCount", "16384"},
        row{"Начальный порт  : 1025", "DynamicPortStart", "1025"},
        row{"Число портов    : 64510", "DynamicPortCount", "64510"}}) {
    const auto found = read_setting(line);
    ASSERT_TRUE(found) << line;
    EXPECT_EQ(found->key, key) << line;
    EXPECT_EQ(found->value, value) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
