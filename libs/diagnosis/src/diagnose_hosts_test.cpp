#include "waitstate/diagnosis/diagnose_hosts.h"

#include <array>

#include <gtest/gtest.h>

#include "close_fixture.h"
#include "waitstate/diagnosis/diagnose.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

/// A client whose FIN-WAIT-2 are a server's CLOSE-WAIT.
struct two_ends {
  std::array<snapshot, 2> hosts{paste(os_family::linux_kernel), paste(os_family::linux_kernel)};

  explicit two_ends(std::uint64_t half_closed = 30) {
    auto& [client, server] = hosts;
    client.host.name = "web1";
    server.host.name = "app1";
    put(client, to(state::fin_wait_2, "10.0.0.9", 8080, half_closed));
    put(server, on(state::close_wait, 8080, "10.0.0.5", half_closed).with_queue(1));
    client.far_ends.push_back({.state = state::fin_wait_2,
                               .direction = direction::outbound,
                               .service = endpoint_of("10.0.0.9", 8080),
                               .host = "app1",
                               .far_state = state::close_wait,
                               .far_owner = "java (pid 12)",
                               .count = half_closed});
    server.far_ends.push_back({.state = state::close_wait,
                               .direction = direction::inbound,
                               .service = endpoint_of("10.0.0.9", 8080),
                               .host = "web1",
                               .far_state = state::fin_wait_2,
                               .count = half_closed});
  }
};

TEST(diagnose_hosts, says_which_end_is_at_fault) {
  const two_ends both;
  const auto report = diagnose_hosts(both.hosts);
  ASSERT_EQ(report.findings.size(), 2U);
  const auto& fault = report.findings[0];
  EXPECT_EQ(fault.id, "server-not-closing");
  EXPECT_EQ(fault.subject.host, "app1");
  EXPECT_TRUE(mentions(fault, "The fault is here: 30 of these are FIN-WAIT-2 on web1"));
  const auto& consequence = report.findings[1];
  EXPECT_EQ(consequence.id, "fin-wait2-stuck");
  EXPECT_EQ(consequence.severity, severity::info);
  EXPECT_EQ(consequence.certainty.confidence, confidence::certain);
  EXPECT_TRUE(mentions(consequence, "The fault is on app1"));
  EXPECT_TRUE(mentions(consequence, "30 in CLOSE-WAIT, held by java (pid 12)"));
  EXPECT_TRUE(report.headline.starts_with("on app1: "));
  EXPECT_EQ(report.about.host.name, "web1 and app1");
  EXPECT_EQ(report.about.states.total(), 60U);
}

TEST(diagnose_hosts, what_no_finding_of_the_other_host_tells_keeps_its_severity) {
  two_ends both;
  both.hosts[1].groups.clear();
  const auto report = diagnose_hosts(both.hosts);
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].id, "fin-wait2-stuck");
  EXPECT_EQ(report.findings[0].severity, severity::warning);
  EXPECT_TRUE(mentions(report.findings[0], "The fault is on app1"));
}

TEST(diagnose_hosts, one_host_is_diagnosed_as_ever) {
  const two_ends both;
  const auto alone = diagnose_hosts(std::span(both.hosts).first(1));
  EXPECT_EQ(alone.headline, diagnose(both.hosts[0]).headline);
  EXPECT_EQ(alone.findings.at(0).subject.host, "");
}

TEST(diagnose_hosts, the_verdict_is_of_the_worst) {
  std::array<snapshot, 2> hosts{paste(os_family::linux_kernel), paste(os_family::linux_kernel)};
  hosts[0].host.name = "a";
  hosts[1].host.name = "b";
  put(hosts[0], to(state::established, "10.0.0.9", 8080, 3));
  put(hosts[1], to(state::established, "10.0.0.9", 8080, 3));
  EXPECT_EQ(diagnose_hosts(hosts).headline, "nothing wrong on 2 hosts");
  EXPECT_EQ(diagnose_hosts(hosts).verdict, verdict::healthy);
  hosts[1].messages.push_back(said(message_kind::connect_refused, "connection refused"));
  const auto report = diagnose_hosts(hosts);
  EXPECT_EQ(report.verdict, verdict::unknown);
  EXPECT_TRUE(report.headline.starts_with("on b: could not tell: ")) << report.headline;
}

}  // namespace
}  // namespace waitstate::diagnosis
