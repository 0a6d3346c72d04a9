#include "waitstate/snapshot/rates.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

using namespace std::chrono_literals;

snapshot look(std::uint64_t inode, std::int32_t pid, std::uint64_t sockets, std::uint64_t fds,
              std::uint64_t overflows) {
  snapshot s;
  s.namespaces.push_back({.inode = inode, .counters = {{"TcpExt.ListenOverflows", overflows}}});
  s.processes.push_back({.pid = pid, .name = "java", .fd_count = fds});
  socket_group group;
  group.key.state = tcp::state::close_wait;
  group.key.owner = {.kind = ownership::owned, .process = 0};
  group.count = sockets;
  s.groups.push_back(group);
  return s;
}

TEST(rates, are_per_second_between_the_two_looks) {
  const auto s = with_rates(look(1, 7, 10, 100, 5), look(1, 7, 30, 90, 25), 10s);
  EXPECT_EQ(s.interval, 10s);
  EXPECT_DOUBLE_EQ(*s.groups[0].growth_per_second, 2.0);
  EXPECT_DOUBLE_EQ(*s.processes[0].fd_growth_per_second, -1.0);
  EXPECT_DOUBLE_EQ(*s.namespaces[0].counter_rate("TcpExt.ListenOverflows"), 2.0);
}

TEST(rates, match_processes_by_pid_and_namespaces_by_inode_whatever_their_order) {
  auto second = look(1, 7, 30, 90, 25);
  second.namespaces.insert(second.namespaces.begin(), network_namespace{.inode = 9});
  second.processes.insert(second.processes.begin(), process{.pid = 3, .name = "init"});
  second.groups[0].key.net_namespace = 1;
  second.groups[0].key.owner.process = 1;
  const auto s = with_rates(look(1, 7, 10, 100, 5), std::move(second), 1s);
  EXPECT_DOUBLE_EQ(*s.groups[0].growth_per_second, 20.0);
  EXPECT_DOUBLE_EQ(*s.processes[1].fd_growth_per_second, -10.0);
  EXPECT_FALSE(s.processes[0].fd_growth_per_second);
}

TEST(rates, what_is_new_grew_from_nothing_and_a_reset_counter_has_no_rate) {
  const auto s = with_rates(look(1, 7, 10, 100, 50), look(1, 8, 30, 90, 25), 10s);
  EXPECT_DOUBLE_EQ(*s.groups[0].growth_per_second, 3.0);
  EXPECT_FALSE(s.processes[0].fd_growth_per_second);
  EXPECT_FALSE(s.namespaces[0].counter_rate("TcpExt.ListenOverflows"));
}

socket_record time_wait(std::uint16_t local_port, std::uint32_t left_ms) {
  return {.flow = {.local = {.port = local_port}},
          .state = tcp::state::time_wait,
          .timer = socket_timer::time_wait,
          .timer_ms = left_ms};
}

snapshot two_in_time_wait(std::uint32_t newest_ms, std::uint32_t oldest_ms) {
  snapshot s;
  s.namespaces.emplace_back();
  socket_group group;
  group.key.state = tcp::state::time_wait;
  group.add(time_wait(40'000, newest_ms), true);
  group.add(time_wait(40'001, oldest_ms), true);
  s.groups.push_back(group);
  return s;
}

TEST(rates, time_wait_whose_timers_do_not_run_down_stands_still) {
  const auto still = [](const snapshot& first, snapshot second) {
    return with_rates(first, std::move(second), 4s).groups[0].timers_stand_still;
  };
  EXPECT_TRUE(still(two_in_time_wait(50'000, 20'000), two_in_time_wait(50'000, 20'000)));
  EXPECT_FALSE(still(two_in_time_wait(50'000, 20'000), two_in_time_wait(46'000, 16'000)));
  EXPECT_FALSE(still(two_in_time_wait(50'000, 20'000), two_in_time_wait(60'000, 16'000)));
}

TEST(rates, a_time_wait_that_got_an_owner_is_no_new_one) {
  snapshot first;
  first.namespaces.push_back({.inode = 1});
  socket_group group;
  group.key = {.state = tcp::state::time_wait, .owner = {.kind = ownership::none}};
  group.count = 100;
  first.groups.push_back(group);
  auto second = first;
  second.processes.push_back({.pid = 7, .name = "curl"});
  second.groups[0].key.owner = {.kind = ownership::owned, .process = 0};
  EXPECT_DOUBLE_EQ(*with_rates(first, second, 1s).groups[0].growth_per_second, 0.0);
  second.groups[0].count = 150;
  EXPECT_DOUBLE_EQ(*with_rates(first, second, 1s).groups[0].growth_per_second, 50.0);
}

}  // namespace
}  // namespace waitstate
