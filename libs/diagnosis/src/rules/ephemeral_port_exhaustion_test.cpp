#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using testing::HasSubstr;

TEST(ephemeral_port_exhaustion, is_critical_when_five_per_cent_are_left) {
  struct expectation {
    std::uint64_t time_wait;
    std::size_t findings;
    severity how_bad;
  };
  const expectation table[]{{499, 0, severity::info},
                            {500, 1, severity::warning},
                            {949, 1, severity::warning},
                            {950, 1, severity::critical},
                            {1000, 1, severity::critical}};
  for (const auto& e : table) {
    auto s = host("40000 40999");
    s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, e.time_wait));
    const auto found = ephemeral_port_exhaustion(s);
    ASSERT_EQ(found.size(), e.findings) << e.time_wait;
    if (!found.empty()) EXPECT_EQ(found[0].severity, e.how_bad) << e.time_wait;
  }
}

TEST(ephemeral_port_exhaustion, says_in_its_title_what_holds_the_ports) {
  auto s = host();
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, 28'190));
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 80, 42));
  const auto f = ephemeral_port_exhaustion(s).at(0);
  EXPECT_EQ(f.title,
            "no ports left to 10.0.0.7:80: 28,232 of 28,232 in use, 28,190 in TIME-WAIT and 42 "
            "ESTABLISHED");
  EXPECT_EQ(f.subject.text, "10.0.0.7:80");
  EXPECT_THAT(f.cause, HasSubstr("This side closed these connections first"));
}

TEST(ephemeral_port_exhaustion, names_the_process_that_keeps_its_connections) {
  auto s = host("40000 40199");
  auto group = outbound(tcp::state::established, "10.0.0.7", 80, 200);
  group.key.owner = add_process(s, 812, "worker", runtime::python);
  s.groups.push_back(group);
  const auto f = ephemeral_port_exhaustion(s).at(0);
  EXPECT_EQ(f.subject.pid, 812);
  EXPECT_THAT(f.cause, HasSubstr("Most of these are open"));
  EXPECT_THAT(f.remedies.at(0).command, HasSubstr("requests.Session()"));
}

TEST(ephemeral_port_exhaustion, an_error_line_alone_is_enough) {
  auto s = paste();
  auto m = said(message_kind::address_not_available, "urllib3: [Errno 99] Cannot assign");
  m.endpoint = endpoint_of("127.0.0.1", 30'100);
  s.messages.push_back(m);
  const auto f = ephemeral_port_exhaustion(s).at(0);
  EXPECT_EQ(f.severity, severity::critical);
  EXPECT_EQ(f.title, "connect() finds no free port to 127.0.0.1:30100");
  EXPECT_EQ(f.subject.kind, subject_kind::destination);
  EXPECT_THAT(f.remedies.at(0).command, HasSubstr("requests.Session()"));
}

TEST(ephemeral_port_exhaustion, an_error_without_a_destination_is_about_the_fullest) {
  auto s = paste();
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 6379, 3));
  s.messages.push_back(said(message_kind::address_not_available, "EADDRNOTAVAIL"));
  const auto found = ephemeral_port_exhaustion(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].subject.text, "10.0.0.7:6379");
  EXPECT_EQ(found[0].title, "connect() found no free port to 10.0.0.7:6379: 3 in TIME-WAIT");
}

TEST(ephemeral_port_exhaustion, the_forecast_carries_its_arithmetic) {
  auto s = host("40000 40999");
  auto group = outbound(tcp::state::time_wait, "10.0.0.7", 80, 400);
  group.closed_in_slot = {200, 200};
  s.groups.push_back(group);
  const auto f = ephemeral_port_exhaustion(s).at(0);
  EXPECT_EQ(f.severity, severity::warning);
  EXPECT_THAT(f.title, HasSubstr("the ports to 10.0.0.7:80 run out in 15 s"));
  EXPECT_EQ(f.forecast,
            "40 closes a second x 60 s of TIME-WAIT = 2,400 ports held at once, of 1,000; at this "
            "rate the last one goes in 15 s");
}

TEST(ephemeral_port_exhaustion, ports_that_may_be_taken_over_are_free) {
  auto s = host("40000 40999");
  s.namespaces[0].sysctls["net.ipv4.tcp_tw_reuse"] = "1";
  auto group = outbound(tcp::state::time_wait, "10.0.0.7", 80, 1'000);
  group.age.count = {20, 180, 800};
  s.groups.push_back(group);
  EXPECT_TRUE(ephemeral_port_exhaustion(s).empty());
}

TEST(ephemeral_port_exhaustion, a_count_that_stands_at_the_size_of_the_range_is_no_chance) {
  auto s = paste();
  s.groups.push_back(counted_only(tcp::state::time_wait, 28'229));
  s.namespaces[0].states.add(tcp::state::time_wait, 28'229);
  EXPECT_EQ(ephemeral_port_exhaustion(s).at(0).severity, severity::warning);
  s.namespaces[0].states.add(tcp::state::time_wait, 32'000);
  EXPECT_TRUE(ephemeral_port_exhaustion(s).empty());
}

TEST(ephemeral_port_exhaustion, windows_has_each_port_once_whatever_the_destination) {
  const auto found = [](os_family os, std::uint64_t waiting) {
    auto s = paste();
    s.host.os = os;
    s.namespaces[0].sysctls["net.ipv4.ip_local_port_range"] = "49152 65535";
    s.groups.push_back(counted_only(tcp::state::time_wait, waiting));
    s.namespaces[0].states.add(tcp::state::time_wait, waiting);
    return ephemeral_port_exhaustion(s).size();
  };
  EXPECT_EQ(found(os_family::windows, 14'800), 1U);
  EXPECT_EQ(found(os_family::windows, 14'700), 0U);
  EXPECT_EQ(found(os_family::linux_kernel, 15'600), 0U);
}

TEST(ephemeral_port_exhaustion, two_source_addresses_to_one_destination_are_told_apart) {
  auto s = host("40000 40199");
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, 200));
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, 200));
  s.groups[1].key.local = endpoint_of("10.0.0.6", 0);
  const auto found = ephemeral_port_exhaustion(s);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].title, HasSubstr("no ports left to 10.0.0.7:80 from 10.0.0.5:"));
  EXPECT_THAT(found[1].title, HasSubstr("no ports left to 10.0.0.7:80 from 10.0.0.6:"));
}

TEST(ephemeral_port_exhaustion, sixty_thousand_inbound_are_none) {
  auto s = host();
  s.groups.push_back(inbound(tcp::state::time_wait, 443, 60'000));
  EXPECT_TRUE(ephemeral_port_exhaustion(s).empty());
}

TEST(ephemeral_port_exhaustion, ports_that_are_bound_and_never_connected) {
  struct expectation {
    std::uint64_t bound;
    std::uint64_t established;
    std::size_t findings;
    severity how_bad;
  };
  const expectation table[]{{999, 10, 0, severity::info},
                            {2'260, 2'000, 0, severity::info},  // a row beside each connection
                            {2'260, 93, 1, severity::warning},
                            {15'950, 93, 1, severity::critical}};
  for (const auto& e : table) {
    auto s = paste(os_family::windows);
    auto held = counted_only(tcp::state::bound_inactive, e.bound);
    held.key.owner = add_process(s, 10'684, "");
    s.groups.push_back(held);
    s.namespaces[0].states.add(tcp::state::bound_inactive, e.bound);
    s.namespaces[0].states.add(tcp::state::established, e.established);
    const auto found = ephemeral_port_exhaustion(s);
    ASSERT_EQ(found.size(), e.findings) << e.bound;
    if (found.empty()) continue;
    EXPECT_EQ(found[0].severity, e.how_bad) << e.bound;
    EXPECT_EQ(found[0].subject.pid, 10'684);
    EXPECT_TRUE(found[0].remedies.at(0).command.starts_with("Get-NetTCPConnection"));
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
