#include "waitstate/diagnosis/port_headroom.h"

#include <gtest/gtest.h>

#include "ports_fixture.h"

namespace waitstate::diagnosis {
namespace {

TEST(port_headroom, subtracts_what_is_reserved_bound_and_in_use_and_counts_nothing_twice) {
  auto s = host("40000 40099");
  s.namespaces[0].sysctls["net.ipv4.ip_local_reserved_ports"] = "40000-40009,50000";
  s.namespaces[0].bound_ports.insert({.low = 40005, .high = 40019});  // 5 of these are reserved
  s.groups.push_back(outbound(tcp::state::established, "10.0.0.7", 80, 20));
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.7", 80, 30));
  s.groups.push_back(outbound(tcp::state::time_wait, "10.0.0.8", 80, 40));
  const auto headrooms = headrooms_of(s);
  ASSERT_EQ(headrooms.size(), 2U);
  EXPECT_EQ(s.text_of(headrooms[0].destination), "10.0.0.7:80");
  EXPECT_EQ(headrooms[0].supply.reserved, 10U);
  EXPECT_EQ(headrooms[0].supply.bind_owned, 10U);
  EXPECT_EQ(headrooms[0].supply.usable(), 80U);
  EXPECT_EQ(headrooms[0].flows, 50U);
  EXPECT_EQ(headrooms[0].free, 30U);
  EXPECT_TRUE(headrooms[0].scans_both_parities());
  EXPECT_EQ(headrooms[1].free, 40U);
}

TEST(port_headroom, gives_back_time_wait_ports_as_this_kernel_would) {
  struct expectation {
    const char* reuse;
    const char* timestamps;
    const char* delay;
    const char* remote;
    std::uint64_t reusable;
  };
  // 60 TIME-WAIT: 10 of them younger than 1 s, 20 in all younger than 5 s.
  const expectation table[]{{"0", "1", "1000", "10.0.0.7", 0},  {"1", "1", "1000", "10.0.0.7", 50},
                            {"2", "1", "1000", "10.0.0.7", 0},  {"2", "1", "1000", "127.0.0.1", 50},
                            {"1", "0", "1000", "10.0.0.7", 0},  {"1", "1", "100", "10.0.0.7", 59},
                            {"1", "1", "5000", "10.0.0.7", 40}, {"1", "1", "60000", "10.0.0.7", 0}};
  for (const auto& e : table) {
    auto s = host("40000 40099");
    auto& sysctls = s.namespaces[0].sysctls;
    sysctls["net.ipv4.tcp_tw_reuse"] = e.reuse;
    sysctls["net.ipv4.tcp_timestamps"] = e.timestamps;
    sysctls["net.ipv4.tcp_tw_reuse_delay"] = e.delay;
    auto group = outbound(tcp::state::time_wait, e.remote, 80, 60);
    group.age.count = {10, 20, 30};
    group.closed_in_slot = {20, 20, 20};
    s.groups.push_back(group);
    s.groups.push_back(outbound(tcp::state::fin_wait_2, e.remote, 80, 5));
    const auto headroom = headrooms_of(s).front();
    EXPECT_EQ(headroom.reusable, e.reusable) << e.reuse << ' ' << e.timestamps << ' ' << e.delay;
    EXPECT_EQ(headroom.free, 100 - 65 + e.reusable);
  }
}

TEST(port_headroom, plays_the_next_minute_from_the_timers) {
  auto s = host("40000 40999");
  auto group = outbound(tcp::state::time_wait, "10.0.0.7", 80, 600);
  group.closed_in_slot = {300, 300};  // began 10 s ago: 60 a second, nothing expires for 50 s
  s.groups.push_back(group);
  const auto headroom = headrooms_of(s).front();
  EXPECT_EQ(headroom.free, 400U);
  EXPECT_DOUBLE_EQ(headroom.recent_closes_per_second, 60);
  EXPECT_EQ(headroom.exhausted_in, std::chrono::seconds(7));

  s.groups[0].closed_in_slot.fill(50);  // steady: as many expire as close
  EXPECT_FALSE(headrooms_of(s).front().exhausted_in);
}

TEST(port_headroom, tells_the_second_inside_a_slot) {
  auto s = host("20000 48171");
  auto group = outbound(tcp::state::time_wait, "10.0.0.7", 80, 5'940);
  group.closed_in_slot = {2'970, 2'970};  // 594 a second
  s.groups.push_back(group);
  const auto headroom = headrooms_of(s).front();
  EXPECT_EQ(headroom.free, 22'232U);
  EXPECT_EQ(headroom.exhausted_in, std::chrono::seconds(37));
}

TEST(port_headroom, a_loopback_port_may_be_taken_over_where_a_paste_does_not_show_tcp_tw_reuse) {
  auto s = paste();
  s.groups.push_back(outbound(tcp::state::time_wait, "127.0.0.1", 6379, 28'000));
  EXPECT_TRUE(headrooms_of(s).front().reuse.assumed);
  EXPECT_GT(headrooms_of(s).front().free, 27'000U);
  s.groups[0].key.remote = endpoint_of("10.0.0.7", 6379);
  EXPECT_EQ(headrooms_of(s).front().free, 232U);

  s.groups[0].key.remote = endpoint_of("127.0.0.1", 6379);
  s.messages.push_back(said(message_kind::address_not_available, "EADDRNOTAVAIL"));
  EXPECT_EQ(headrooms_of(s).front().free, 232U);
  s.messages.clear();
  s.host.kernel_release = "4.18.0";
  EXPECT_EQ(headrooms_of(s).front().free, 232U);
  s.host.kernel_release.clear();
  s.host.os = os_family::windows;
  EXPECT_EQ(headrooms_of(s).front().free, 0U);
}

TEST(port_headroom, two_looks_tell_when_the_last_port_goes) {
  auto s = host("40000 40999");
  auto group = outbound(tcp::state::established, "10.0.0.7", 80, 600);
  group.growth_per_second = 8;
  s.groups.push_back(group);
  EXPECT_EQ(headrooms_of(s).front().exhausted_in, std::chrono::seconds(50));
  s.groups[0].growth_per_second = 0.5;
  EXPECT_FALSE(headrooms_of(s).front().exhausted_in);
}

TEST(port_headroom, what_a_timer_ends_does_not_grow_beyond_a_minute_of_it) {
  struct expectation {
    std::uint32_t per_second;  // Since 25 s; after a minute 60 times as many are held.
    std::optional<std::chrono::seconds> exhausted_in;
  };
  for (const auto& e : {expectation{189, {}}, {468, {}}, {480, std::chrono::seconds(34)}}) {
    auto s = host("32768 60999");
    auto closing = outbound(tcp::state::time_wait, "10.0.0.7", 80, e.per_second * 25);
    for (std::size_t slot = 0; slot < 5; ++slot) closing.closed_in_slot[slot] = e.per_second * 5;
    closing.growth_per_second = e.per_second;
    s.groups.push_back(closing);
    EXPECT_EQ(headrooms_of(s).front().exhausted_in, e.exhausted_in) << e.per_second;
    EXPECT_FALSE(headrooms_of(s).front().growth_per_second);
  }
}

TEST(port_headroom, what_stays_open_counts_beside_what_closes) {
  auto s = host("40000 40999");
  auto closing = outbound(tcp::state::time_wait, "10.0.0.7", 80, 600);
  closing.closed_in_slot.fill(50);  // steady: 600 held
  s.groups.push_back(closing);
  auto open = outbound(tcp::state::established, "10.0.0.7", 80, 100);
  open.growth_per_second = 2;
  s.groups.push_back(open);
  EXPECT_EQ(headrooms_of(s).front().exhausted_in, std::chrono::seconds(150));
}

TEST(port_headroom, a_paste_without_a_range_gets_the_default_of_its_system) {
  snapshot s;
  s.source = source_kind::pasted;
  s.namespaces.emplace_back();
  EXPECT_EQ(supply_of(s, 0).size, 28'232U);
  EXPECT_TRUE(supply_of(s, 0).range_assumed);
  s.host.os = os_family::windows;
  EXPECT_EQ(supply_of(s, 0).size, 16'384U);
}

TEST(port_headroom, ports_outside_the_range_cost_nothing) {
  auto s = host("40000 40099");
  auto group = outbound(tcp::state::established, "10.0.0.7", 80, 50);
  group.local_ports_in_range = 10;
  s.groups.push_back(group);
  EXPECT_EQ(headrooms_of(s).front().free, 90U);
}

TEST(port_headroom, inbound_connections_take_no_port) {
  auto s = host("40000 40099");
  s.groups.push_back(inbound(tcp::state::time_wait, 443, 5'000));
  EXPECT_TRUE(headrooms_of(s).empty());
}

TEST(port_headroom, a_range_that_was_not_seen_is_told_by_ports_outside_of_the_default) {
  struct row {
    std::uint16_t low, high;  ///< Of the ports that are seen.
    tcp::port_range range;
    bool is_told;
  };
  constexpr row rows[] = {
      {10'000, 29'999, {10'000, 29'999}, true},   // All of another range.
      {30'000, 39'999, {30'000, 60'999}, true},   // Partly outside: a part of a larger one.
      {40'000, 49'999, {32'768, 60'999}, false},  // Within the default.
      {10'000, 10'500, {32'768, 60'999}, false},  // Too few,
      {10'000, 14'999, {10'000, 60'999}, true},   // and too few to be the whole.
  };
  for (const auto& [low, high, range, is_told] : rows) {
    snapshot s;
    s.source = source_kind::pasted;
    s.namespaces.emplace_back();
    s.sources.push_back({.ports_counted = {}});
    s.sources.back().ports.insert(tcp::port_range{low, high});
    const auto supply = supply_of(s, 0);
    EXPECT_EQ(supply.range, range) << low;
    EXPECT_EQ(supply.range_from_ports, is_told) << low;
    EXPECT_TRUE(supply.range_assumed);
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
