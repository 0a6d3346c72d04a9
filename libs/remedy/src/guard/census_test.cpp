#include "waitstate/remedy/guard/census.h"

#include <gtest/gtest.h>

namespace waitstate::remedy::guard {
namespace {

using namespace std::chrono_literals;

tcp::endpoint end(const char* text) {
  return tcp::parse_endpoint(text).value_or(tcp::endpoint{});
}

struct threshold_case {
  threshold when;
  sighting seen;
  bool is_over;
};

class thresholds : public testing::TestWithParam<threshold_case> {};

TEST_P(thresholds, hold_from_there_on) {
  EXPECT_EQ(is_over(GetParam().when, GetParam().seen), GetParam().is_over);
}

INSTANTIATE_TEST_SUITE_P(
    each, thresholds,
    testing::Values(
        threshold_case{{.count = 5}, {.count = 5}, true},
        threshold_case{{.count = 5}, {.count = 4}, false},
        threshold_case{{.older = 5s}, {.count = 1, .oldest_ms = 5'000}, true},
        threshold_case{{.older = 5s}, {.count = 1, .oldest_ms = 4'999}, false},
        threshold_case{{.older = 5s}, {.count = 1}, false},
        threshold_case{{.descriptors_percent = 50}, {.count = 512, .fd_limit = 1'024}, true},
        threshold_case{{.descriptors_percent = 50}, {.count = 511, .fd_limit = 1'024}, false},
        threshold_case{{.descriptors_percent = 1}, {.count = 511}, false},
        threshold_case{{.pool = pool_share{400, 25}}, {.count = 100}, true},
        threshold_case{{.pool = pool_share{400, 25}}, {.count = 99}, false},
        threshold_case{{.ports_left = 10}, {.count = 1, .ports_left = 9}, true},
        threshold_case{{.ports_left = 10}, {.count = 1, .ports_left = 10}, false},
        threshold_case{{.ports_left = 10}, {.count = 1}, false},
        threshold_case{{.count = 5, .older = 5s}, {.count = 9, .oldest_ms = 4'000}, false},
        threshold_case{{.count = 5, .older = 5s}, {.count = 9, .oldest_ms = 6'000}, true},
        threshold_case{{.count = 1}, {}, false}));

policy policy_of(const char* selection, const threshold& when) {
  rule r{.name = "leak", .when = when, .action = rule_action::reap, .per_minute = 100};
  r.selected = parse_selector(selection).value_or(socket_selector{});
  return {.rules = {r}};
}

/// Sockets as a list hands them over.
class host {
 public:
  host() {
    ns_.inode = 42;
    ns_.sysctls = {{"net.ipv4.ip_local_port_range", "40000 40009"},
                   {"net.ipv4.tcp_timestamps", "1"},
                   {"net.ipv4.tcp_tw_reuse", "0"}};
  }

  void set(const char* name, const char* value) { ns_.sysctls[name] = value; }

  void take(census_taker& to, tcp::state state, const char* local, const char* remote,
            const process* owner, direction side = direction::outbound) {
    socket_record s{.state = state,
                    .cookie = ++cookies_,
                    .inode = 7,
                    .last_data_ms = 6'000,
                    .last_ack_ms = 5'000};
    s.flow = {.local = end(local), .remote = end(remote)};
    if (state == tcp::state::time_wait) {
      s.timer = socket_timer::time_wait;
      s.timer_ms = 30'000;
    }
    to.take({.record = s, .owner = owner, .direction = side, .net_namespace = ns_});
  }

 private:
  network_namespace ns_;
  std::uint64_t cookies_ = 0;
};

census counted(census_taker& taker) {
  census all;
  all.looked_at.assign(1, false);
  taker.finish(all);
  return all;
}

TEST(census, counts_by_owner_and_what_may_be_closed_of_it) {
  const auto p = policy_of("state:close-wait,established", {.count = 1});
  census_taker taker(p, {0});
  host h;
  const process java{.pid = 812, .name = "java", .fd_limit = 1'024};
  const process node{.pid = 9, .name = "node"};
  for (int i = 0; i < 3; ++i) {
    h.take(taker, tcp::state::close_wait, "10.0.0.1:40000", "10.0.0.7:80", &java);
  }
  h.take(taker, tcp::state::established, "10.0.0.1:40001", "10.0.0.7:80", &java);
  h.take(taker, tcp::state::fin_wait_2, "10.0.0.1:40002", "10.0.0.7:80", &java);
  h.take(taker, tcp::state::close_wait, "10.0.0.1:40003", "10.0.0.7:80", &node);
  h.take(taker, tcp::state::close_wait, "10.0.0.1:40004", "10.0.0.7:80", nullptr);
  const auto all = counted(taker);
  EXPECT_EQ(all.looked_at, std::vector<bool>{true});
  ASSERT_EQ(all.seen.size(), 3U);
  EXPECT_EQ(to_string(all.seen[0].who), "no process that is seen");
  EXPECT_EQ(to_string(all.seen[1].who), "node (pid 9)");
  EXPECT_EQ(to_string(all.seen[2].who), "java (pid 812)");
  EXPECT_EQ(all.seen[2].count, 4U);
  EXPECT_EQ(all.seen[2].closable, 3U) << "the ESTABLISHED one may be in use";
  EXPECT_EQ(all.seen[2].fd_limit, 1'024U);
  EXPECT_EQ(all.seen[2].oldest_ms, 5'000U);
}

TEST(census, asks_the_kernel_only_for_the_states_that_count) {
  const auto p = policy_of("state:close-wait", {.count = 1});
  EXPECT_EQ(census_taker(p, {0}).states(), tcp::state_set{tcp::state::close_wait});
  const auto ports = policy_of("state:time-wait", {.ports_left = 1});
  EXPECT_EQ(census_taker(ports, {0}).states(), tcp::state_set::all());
}

TEST(census, counts_ports_left_to_a_destination_whatever_state_they_are_in) {
  const auto p = policy_of("state:time-wait peer:10.0.0.7:80", {.ports_left = 5});
  census_taker taker(p, {0});
  host h;
  h.take(taker, tcp::state::listen, "0.0.0.0:40009", "0.0.0.0:0", nullptr, direction::unknown);
  h.take(taker, tcp::state::time_wait, "10.0.0.1:40000", "10.0.0.7:80", nullptr);
  h.take(taker, tcp::state::established, "10.0.0.1:40001", "10.0.0.7:80", nullptr);
  h.take(taker, tcp::state::established, "10.0.0.1:40002", "10.0.0.8:80", nullptr);
  h.take(taker, tcp::state::established, "10.0.0.2:40003", "10.0.0.7:80", nullptr);
  h.take(taker, tcp::state::established, "10.0.0.1:50000", "10.0.0.7:80", nullptr);
  const auto all = counted(taker);
  ASSERT_EQ(all.seen.size(), 1U);
  EXPECT_EQ(all.seen[0].count, 1U) << "what is selected";
  EXPECT_EQ(all.seen[0].ports_left, 7U) << "10, less a listener's and two of this destination";
  EXPECT_EQ(to_string(all.seen[0].who), "connections from 10.0.0.1 to 10.0.0.7:80");
}

TEST(census, a_port_that_connect_takes_over_is_left) {
  const auto p = policy_of("state:time-wait", {.ports_left = 5});
  for (const auto& [reuse, stamps, left] :
       {std::tuple("1", "1", 10U), std::tuple("1", "0", 9U), std::tuple("2", "1", 9U)}) {
    census_taker taker(p, {0});
    host h;
    h.set("net.ipv4.tcp_tw_reuse", reuse);
    h.set("net.ipv4.tcp_timestamps", stamps);
    h.take(taker, tcp::state::time_wait, "10.0.0.1:40000", "10.0.0.7:80", nullptr);
    EXPECT_EQ(counted(taker).seen.at(0).ports_left, left) << reuse << stamps;
  }
}

TEST(census, what_was_opened_while_it_looked_has_a_holder_at_the_second_list) {
  const auto p = policy_of("state:close-wait", {.count = 1});
  census_taker first(p, {0});
  host h;
  h.take(first, tcp::state::close_wait, "10.0.0.1:40000", "10.0.0.7:80", nullptr);
  EXPECT_EQ(first.hidden(), cookies{1});
  census_taker second(p, {0}, &first.hidden());
  host again;
  const process java{.pid = 812, .name = "java"};
  again.take(second, tcp::state::close_wait, "10.0.0.1:40000", "10.0.0.7:80", nullptr);
  again.take(second, tcp::state::close_wait, "10.0.0.1:40001", "10.0.0.7:80", nullptr);
  again.take(second, tcp::state::close_wait, "10.0.0.1:40002", "10.0.0.7:80", &java);
  const auto all = counted(second);
  ASSERT_EQ(all.seen.size(), 2U);
  EXPECT_EQ(all.seen[0].who.pid, 0);
  EXPECT_EQ(all.seen[0].count, 1U) << "the one that was without a holder twice";
  EXPECT_EQ(all.seen[1].who.pid, 812);
}

TEST(census, is_bounded_and_says_what_is_past_it) {
  const auto p = policy_of("state:close-wait", {.count = 1});
  census_taker taker(p, {0});
  host h;
  for (std::int32_t pid = 1; pid <= 1'030; ++pid) {
    const process one{.pid = pid, .name = "worker"};
    h.take(taker, tcp::state::close_wait, "10.0.0.1:40000", "10.0.0.7:80", &one);
  }
  const auto all = counted(taker);
  EXPECT_EQ(all.seen.size(), census_taker::subjects_max);
  ASSERT_EQ(all.troubles.size(), 1U);
  EXPECT_NE(all.troubles[0].second.what.find("6 sockets"), std::string::npos);
}

}  // namespace
}  // namespace waitstate::remedy::guard
