#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(probe_churn, a_scraped_port_at_a_small_rate_is_a_probe) {
  auto s = host();
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.8", 9100, 12));
  EXPECT_EQ(probe_churn(s).at(0).severity, severity::info);
  s.groups[0].count = s.groups[0].local_ports_in_range = 5'000;
  EXPECT_TRUE(probe_churn(s).empty());  // no probe is that fast
}

TEST(probe_churn, a_host_that_asks_its_own_address_checks_itself) {
  auto s = paste();
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.5", 8080, 9));
  s.namespaces[0].states.add(tcp::state::time_wait, 9);
  ASSERT_EQ(probe_churn(s).size(), 1U);
  EXPECT_EQ(probe_churn(s)[0].severity, severity::info);
  EXPECT_TRUE(short_connections(s).empty());
}

TEST(probe_churn, loopback_is_how_local_services_talk_and_no_probe) {
  auto s = paste();
  s.groups.push_back(outbound(tcp::state::time_wait, "127.0.0.1", 5001, 9));
  s.groups[0].key.local = endpoint_of("127.0.0.1", 0);
  EXPECT_TRUE(probe_churn(s).empty());
}

TEST(probe_churn, a_listener_of_whose_one_client_all_connections_were_closed_here) {
  auto s = paste();
  s.groups.push_back(inbound(tcp::state::time_wait, 8002, 4));
  EXPECT_TRUE(probe_churn(s).empty());
  s.groups[0].count = 5;
  const auto found = probe_churn(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].certainty.confidence, confidence::possible);
  s.groups[0].count = 121;  // no probe is so fast
  EXPECT_TRUE(probe_churn(s).empty());
  s.groups[0].count = 5;
  s.groups.push_back(inbound(tcp::state::established, 8002, 1));
  EXPECT_TRUE(probe_churn(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
