#include "advice/ports.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports_fixture.h"

namespace waitstate::diagnosis {
namespace {

using testing::HasSubstr;

std::string commands_of(const std::vector<remedy>& remedies) {
  std::string all;
  for (const auto& r : remedies) all += r.command;
  return all;
}

TEST(remedies_ports, widening_reserves_the_listeners_first_and_says_what_undoes_it) {
  auto s = host();
  s.namespaces[0].bound_ports.insert(443);
  s.namespaces[0].bound_ports.insert(15672);
  const auto remedies = widen_range(s, 0);
  ASSERT_EQ(remedies.size(), 2U);
  EXPECT_EQ(remedies[0].command,
            "waitstate tune net.ipv4.ip_local_reserved_ports=15672    # --apply sets and keeps it\n"
            "sysctl -w net.ipv4.ip_local_reserved_ports=\"15672\"    # without waitstate, until "
            "the next boot\n");
  EXPECT_EQ(
      remedies[1].command,
      "waitstate tune 'net.ipv4.ip_local_port_range=10240 65535'    # --apply sets and keeps it\n"
      "sysctl -w net.ipv4.ip_local_port_range=\"10240 65535\"    # without waitstate, until the "
      "next boot\n");
  EXPECT_EQ(remedies[1].undo, "sysctl -w net.ipv4.ip_local_port_range=\"32768 60999\"");
}

TEST(remedies_ports, a_wide_range_is_not_widened) {
  EXPECT_TRUE(widen_range(host("1024 65535"), 0).empty());
}

TEST(remedies_ports, taking_over_time_wait_is_named_only_where_it_would_help) {
  auto s = host();
  EXPECT_THAT(commands_of(find_more_ports(s, 0, true)), HasSubstr("tcp_tw_reuse=\"1\""));
  EXPECT_THAT(commands_of(find_more_ports(s, 0, false)), Not(HasSubstr("tcp_tw_reuse")));
  s.namespaces[0].sysctls["net.ipv4.tcp_timestamps"] = "0";
  EXPECT_THAT(commands_of(find_more_ports(s, 0, true)), Not(HasSubstr("tcp_tw_reuse")));
}

TEST(remedies_ports, other_systems_get_their_own_settings) {
  EXPECT_THAT(commands_of(find_more_ports(paste(os_family::windows), 0, true)),
              HasSubstr("TcpTimedWaitDelay"));
  EXPECT_THAT(commands_of(find_more_ports(paste(os_family::macos), 0, true)),
              HasSubstr("portrange.first"));
}

TEST(remedies_ports, never_names_a_setting_that_does_harm) {
  for (const auto os : {os_family::linux_kernel, os_family::windows, os_family::macos,
                        os_family::freebsd, os_family::openbsd}) {
    const auto all = commands_of(find_more_ports(paste(os), 0, true));
    for (const auto* harm : {"tcp_tw_recycle", "tcp_max_tw_buckets", "tcp_fin_timeout"}) {
      EXPECT_THAT(all, Not(HasSubstr(harm)));
    }
  }
}

TEST(remedies_ports, binding_without_a_port_is_a_call_in_c_or_the_runtimes_own) {
  for (const auto r : {runtime::unknown, runtime::nginx, runtime::haproxy, runtime::envoy}) {
    const auto commands = commands_of(bind_without_port(r));
    EXPECT_THAT(commands, HasSubstr("IP_BIND_ADDRESS_NO_PORT, &on"));
    EXPECT_THAT(commands, HasSubstr("# Python: sock.setsockopt(socket.IPPROTO_IP, 24, 1)\n"));
  }
  EXPECT_EQ(commands_of(bind_without_port(runtime::ruby)), "socket.setsockopt(0, 24, 1)\n");
  EXPECT_THAT(commands_of(bind_without_port(runtime::java)), HasSubstr("EpollChannelOption"));
}

}  // namespace
}  // namespace waitstate::diagnosis
