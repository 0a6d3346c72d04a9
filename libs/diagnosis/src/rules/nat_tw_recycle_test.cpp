#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

snapshot old_host() {
  auto s = host();
  s.host.kernel_release = "3.10.0-957.el7";
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_recycle"] = "1";
  return s;
}

TEST(nat_tw_recycle, is_critical_with_dropped_syns) {
  auto s = old_host();
  EXPECT_EQ(nat_tw_recycle(s).at(0).severity, severity::warning);
  s.namespaces[0].counters["TcpExt.PAWSPassive"] = 2'415;
  const auto f = nat_tw_recycle(s).at(0);
  EXPECT_EQ(f.severity, severity::critical);
  EXPECT_EQ(f.title, "tcp_tw_recycle dropped 2,415 SYNs of clients that share an address");
  EXPECT_EQ(
      f.remedies.at(0).command,
      "waitstate tune net.ipv4.tcp_tw_recycle=0    # --apply sets and keeps it\n"
      "sysctl -w net.ipv4.tcp_tw_recycle=\"0\"    # without waitstate, until the next boot\n");
}

TEST(nat_tw_recycle, is_told_by_the_drops_where_the_setting_is_not_shown) {
  for (const auto& [dropped, told] : {std::pair{100U, true}, {99U, false}}) {
    auto s = host();
    s.host.kernel_release.clear();
    s.namespaces[0].sysctls.erase("net.ipv4.tcp_tw_recycle");
    s.namespaces[0].counters["TcpExt.PAWSPassive"] = dropped;
    const auto found = nat_tw_recycle(s);
    ASSERT_EQ(!found.empty(), told) << dropped;
    if (told) EXPECT_EQ(found[0].certainty.confidence, confidence::likely);
  }
}

TEST(nat_tw_recycle, needs_the_setting_timestamps_and_a_kernel_that_has_it) {
  auto s = old_host();
  s.namespaces[0].sysctls["net.ipv4.tcp_timestamps"] = "0";
  EXPECT_TRUE(nat_tw_recycle(s).empty());
  s = old_host();
  s.host.kernel_release = "4.12.1";
  EXPECT_TRUE(nat_tw_recycle(s).empty());
  s = old_host();
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_recycle"] = "0";
  EXPECT_TRUE(nat_tw_recycle(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
