#include "advice/settings.h"

#include <variant>

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

TEST(settings, a_change_of_a_setting_says_what_it_was) {
  snapshot s;
  s.namespaces.emplace_back();
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_reuse"] = "2";
  const auto known = sysctl_remedy(
      s, {.key = "net.ipv4.tcp_tw_reuse", .value = "1", .text = "Reuse TIME-WAIT ports."});
  EXPECT_EQ(known.command,
            "waitstate tune net.ipv4.tcp_tw_reuse=1    # --apply sets and keeps it\n"
            "sysctl -w net.ipv4.tcp_tw_reuse=\"1\"    # without waitstate, until the next boot\n");
  EXPECT_EQ(known.undo, "sysctl -w net.ipv4.tcp_tw_reuse=\"2\"");
  const auto unknown = sysctl_remedy(s, {.key = "net.core.somaxconn", .value = "4096"});
  EXPECT_EQ(unknown.undo, "set back what `sysctl net.core.somaxconn` printed before");
}

TEST(settings, does_not_repeat_a_value_that_is_no_setting) {
  auto s = snapshot{};
  s.namespaces.resize(1);
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_reuse"] = "2;`id`";
  const auto made =
      sysctl_remedy(s, {.key = "net.ipv4.tcp_tw_reuse", .value = "1", .text = "text", .risk = {}});
  EXPECT_EQ(made.undo, "set back what `sysctl net.ipv4.tcp_tw_reuse` printed before");
}

TEST(settings, a_change_is_an_action_in_its_namespace) {
  snapshot s;
  s.namespaces.resize(2);
  s.namespaces[1].name = "blue";
  s.namespaces[1].inode = 4'026'531'999;
  s.namespaces[1].sysctls["net.core.somaxconn"] = "128";
  const auto made = sysctl_remedy(
      s, {.net_namespace = 1, .key = "net.core.somaxconn", .value = "4096", .text = "text"});
  const set_setting wanted{.net_namespace = "blue",
                           .net_namespace_inode = 4'026'531'999,
                           .key = "net.core.somaxconn",
                           .value = "4096",
                           .before = "128"};
  ASSERT_TRUE(std::holds_alternative<set_setting>(made.action));
  EXPECT_EQ(std::get<set_setting>(made.action), wanted);
  EXPECT_EQ(made.command, command_of(made.action));
  EXPECT_EQ(made.undo, undo_of(made.action));
}

TEST(settings, a_value_that_a_shell_would_act_on_is_no_action) {
  snapshot s;
  s.namespaces.emplace_back();
  const auto made =
      sysctl_remedy(s, {.key = "net.core.somaxconn", .value = "$(id)", .text = "text"});
  EXPECT_TRUE(std::holds_alternative<no_action>(made.action));
  EXPECT_EQ(made.command, "");
}

TEST(settings, ports_are_reserved_beside_those_that_are) {
  snapshot s;
  s.namespaces.emplace_back();
  tcp::port_set ports;
  ports.insert(8080);
  EXPECT_EQ(reserve_ports(s, 0, ports, "text").undo,
            "set back what `sysctl net.ipv4.ip_local_reserved_ports` printed before");
  s.namespaces[0].sysctls["net.ipv4.ip_local_reserved_ports"] = "";
  EXPECT_EQ(reserve_ports(s, 0, ports, "text").undo,
            "sysctl -w net.ipv4.ip_local_reserved_ports=\"\"");
  s.namespaces[0].sysctls["net.ipv4.ip_local_reserved_ports"] = "9000-9001";
  const auto made = reserve_ports(s, 0, ports, "text");
  EXPECT_EQ(made.command,
            "waitstate tune net.ipv4.ip_local_reserved_ports=8080,9000-9001    # --apply sets and "
            "keeps it\n"
            "sysctl -w net.ipv4.ip_local_reserved_ports=\"8080,9000-9001\"    # without waitstate, "
            "until the next boot\n");
  EXPECT_EQ(made.undo, "sysctl -w net.ipv4.ip_local_reserved_ports=\"9000-9001\"");
  s.namespaces[0].sysctls["net.ipv4.ip_local_reserved_ports"] = "9000-`id`";
  EXPECT_EQ(reserve_ports(s, 0, ports, "text").command, "");
}

}  // namespace
}  // namespace waitstate::diagnosis
