#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using testing::HasSubstr;

TEST(short_connections, is_a_warning_at_a_quarter_of_the_range) {
  struct expectation {
    std::uint64_t time_wait;
    std::uint64_t established;
    std::size_t findings;
    severity how_bad;
  };
  const expectation table[]{{99, 0, 0, severity::info},
                            {100, 0, 1, severity::info},
                            {7'057, 10, 1, severity::info},
                            {7'058, 10, 1, severity::warning},
                            {7'058, 2'000, 0, severity::info}};
  for (const auto& e : table) {
    auto s = host();
    s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 3306, e.time_wait));
    s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 3306, e.established));
    const auto found = short_connections(s);
    ASSERT_EQ(found.size(), e.findings) << e.time_wait;
    if (!found.empty()) EXPECT_EQ(found[0].severity, e.how_bad) << e.time_wait;
  }
}

TEST(short_connections, says_who_closed_first_and_how_to_keep_them) {
  auto s = host();
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 6379, 8'000));
  auto open = outbound(tcp::state::established, "10.0.0.7", 6379, 2);
  open.key.owner = add_process(s, 31, "php-fpm8.2", runtime::php);
  s.groups.push_back(open);
  const auto f = short_connections(s).at(0);
  EXPECT_EQ(
      f.title,
      "a new connection for about every request to 10.0.0.7:6379: 8,000 in TIME-WAIT, 2 open");
  EXPECT_EQ(f.subject.process, "php-fpm8.2");
  EXPECT_THAT(f.cause, HasSubstr("this side closes first"));
  EXPECT_THAT(f.remedies.at(0).command, HasSubstr("pconnect('10.0.0.7', 6379)"));
  EXPECT_THAT(f.remedies.at(1).command, HasSubstr("waitstate sidecar suggest"));
}

TEST(short_connections, the_ports_of_a_fragment_tell_how_many_there_can_be) {
  struct expectation {
    std::uint16_t low;
    std::uint16_t high;
    os_family os;
    std::size_t findings;
  };
  const expectation table[]{
      {52'730, 53'314, os_family::linux_kernel, 0},  // at most a few hundred a minute
      {33'726, 60'108, os_family::linux_kernel, 1},  // from all of the range
      {60'802, 60'998, os_family::linux_kernel, 1},  // may go on at the other end of the range
      {52'730, 53'314, os_family::windows, 1},       // hands out ports in another order
  };
  for (const auto& e : table) {
    auto s = paste(e.os);
    auto group = outbound(tcp::state::time_wait, "10.0.0.7", 6379, 11);
    group.odd_local_ports = 0;
    group.even_local_ports = 11;
    group.local_port_low = e.low;
    group.local_port_high = e.high;
    s.groups.push_back(group);
    s.namespaces[0].states.add(tcp::state::time_wait, 11);
    EXPECT_EQ(short_connections(s).size(), e.findings) << e.low << " of " << to_string(e.os);
  }
}

TEST(short_connections, a_few_open_ones_beside_many_closed_are_a_fragment_too) {
  auto s = paste(os_family::windows);
  const auto put = [&](socket_group g) {
    s.namespaces[0].states.add(g.key.state, g.count);
    s.groups.push_back(std::move(g));
  };
  put(outbound(tcp::state::time_wait, "127.0.0.1", 6379, 12));
  put(outbound(tcp::state::established, "127.0.0.1", 6379, 2));
  auto far_ends = inbound(tcp::state::established, 6379, 2);
  far_ends.key.local = endpoint_of("127.0.0.1", 6379);
  put(far_ends);
  EXPECT_EQ(short_connections(s).at(0).severity, severity::warning);
  s.listeners.push_back({.local = endpoint_of("127.0.0.1", 6379)});
  EXPECT_TRUE(short_connections(s).empty()) << "a table shows all there are";
}

TEST(short_connections, a_pasted_fragment_of_nothing_else_is_a_sample_of_the_trouble) {
  auto s = paste(os_family::windows);
  s.groups.push_back(outbound(tcp::state::time_wait, "::1", 50'051, 6));
  s.namespaces[0].states.add(tcp::state::time_wait, 6);
  const auto f = short_connections(s).at(0);
  EXPECT_EQ(f.severity, severity::warning);
  EXPECT_THAT(f.cause, HasSubstr("a fragment"));

  s.source = source_kind::live;
  EXPECT_TRUE(short_connections(s).empty());
}

TEST(short_connections, a_count_for_a_port_is_told_from_a_server_by_what_is_open) {
  struct expectation {
    std::uint16_t port;
    std::uint64_t time_wait;
    std::uint64_t established;
    std::uint64_t listening;
    std::size_t findings;
  };
  const expectation table[]{{8080, 1'248, 0, 0, 1},  {6379, 2'065, 0, 0, 1},
                            {443, 20'000, 10, 0, 0}, {8080, 1'248, 380, 0, 0},
                            {8080, 1'248, 0, 1, 0},  {8080, 300, 0, 0, 0}};
  for (const auto& e : table) {
    auto s = paste();
    auto& states = s.namespaces[0].states;
    for (const auto& [state, count] : {std::pair{tcp::state::time_wait, e.time_wait},
                                       std::pair{tcp::state::established, e.established}}) {
      auto group = counted_only(state, count, e.port);
      group.key.direction = direction::unknown;
      s.groups.push_back(group);
      states.add(state, count);
    }
    states.add(tcp::state::listen, e.listening);
    EXPECT_EQ(short_connections(s).size(), e.findings) << e.port << ' ' << e.time_wait;
  }
}

TEST(short_connections, leaves_proxies_and_probes_to_their_own_rules) {
  auto s = host();
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, 9'000));
  auto open = outbound(tcp::state::established, "10.0.0.7", 80, 4);
  open.key.owner = add_process(s, 5, "haproxy", runtime::haproxy);
  s.groups.push_back(open);
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.8", 9100, 200));
  EXPECT_TRUE(short_connections(s).empty());
}

TEST(short_connections, counts_alone_speak_when_they_pass_the_range_and_little_is_open) {
  struct expectation {
    os_family os;
    std::uint64_t time_wait;
    std::uint64_t open;
    std::size_t findings;
  };
  using enum os_family;
  auto with_others = paste(unknown);
  with_others.groups.push_back(counted_only(tcp::state::time_wait, 20'000));
  with_others.namespaces[0].states.add(tcp::state::time_wait, 20'000);
  EXPECT_EQ(short_connections(with_others).size(), 1U);
  with_others.namespaces[0].states.add(tcp::state::established, 300);
  EXPECT_TRUE(short_connections(with_others).empty());
  for (const auto& e :
       {expectation{linux_kernel, 28'231, 10, 0}, expectation{linux_kernel, 28'232, 10, 1},
        expectation{linux_kernel, 28'232, 1'411, 1}, expectation{linux_kernel, 28'232, 1'412, 0},
        expectation{macos, 16'384, 0, 1}, expectation{macos, 16'383, 0, 0},
        expectation{unknown, 16'384, 0, 1}, expectation{unknown, 16'383, 0, 0}}) {
    auto s = paste(e.os);
    s.groups.push_back(counted_only(tcp::state::time_wait, e.time_wait));
    s.namespaces[0].states.add(tcp::state::time_wait, e.time_wait);
    s.namespaces[0].totals.established = e.open;
    EXPECT_EQ(short_connections(s).size(), e.findings) << e.time_wait << ' ' << e.open;
  }
}

TEST(short_connections, ports_beyond_the_open_sockets_are_of_time_wait_that_this_host_opened) {
  struct row {
    std::uint64_t time_wait, local_ports;
    bool is_found;
  };
  constexpr row rows[] = {
      {11'000, 6'300, true},   // 6,000 of their own
      {11'000, 5'700, false},  // 5,400 are less than half
      {7'000, 6'300, false},   // less than a quarter of 28,232
  };
  for (const auto& r : rows) {
    auto s = paste(os_family::linux_kernel);
    put(s, counts(tcp::state::time_wait, r.time_wait));
    s.namespaces[0].totals.time_wait = r.time_wait;
    s.namespaces[0].totals.in_use = 300;
    s.namespaces[0].totals.local_ports = r.local_ports;
    const auto found = short_connections(s);
    ASSERT_EQ(!found.empty(), r.is_found) << r.local_ports;
    if (!r.is_found) continue;
    EXPECT_EQ(found[0].certainty.confidence, confidence::certain);
    EXPECT_TRUE(mentions(found[0], "at least 6,000"));
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
