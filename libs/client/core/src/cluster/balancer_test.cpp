#include "cluster/balancer.h"

#include <array>
#include <map>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

balancer make(balance_policy policy) {
  return balancer({.policy = policy}, seeded_random(7));
}

/// Who gets how many of `picks` that end at once.
std::map<std::uint64_t, int> shares(balancer& b, int picks) {
  std::map<std::uint64_t, int> got;
  for (int i = 0; i < picks; ++i) {
    const auto key = b.pick({}, start).value();
    ++got[key];
    b.done(key, std::nullopt, start);
  }
  return got;
}

TEST(balancer, has_nobody_to_pick_when_there_are_no_servers) {
  auto b = make(balance_policy::p2c_least_loaded);
  EXPECT_EQ(b.pick({}, start), std::nullopt);
  EXPECT_FALSE(b.is_all_ejected());
  b.add(1, 1);
  b.remove(1);
  EXPECT_EQ(b.pick({}, start), std::nullopt);
}

TEST(balancer, says_how_many_others_there_are) {
  auto b = make(balance_policy::round_robin);
  for (const std::uint64_t key : {1U, 2U, 3U}) b.add(key, 1);
  b.set_status(2, node_status::ejected);
  EXPECT_EQ(b.available({}), 2U);
  EXPECT_EQ(b.available(std::array<balancer::node_key, 1>{1}), 1U);
  EXPECT_EQ(b.available(std::array<balancer::node_key, 2>{1, 3}), 0U);
}

TEST(balancer, counts_no_weight_for_more_than_the_most) {
  for (const auto policy : {balance_policy::round_robin, balance_policy::p2c_least_loaded}) {
    auto b = make(policy);
    b.add(1, 1e308);
    b.add(2, 1e308);
    const auto got = shares(b, 1000);
    EXPECT_GT(got.at(1), 300) << "as many as the other";
    EXPECT_GT(got.at(2), 300);
  }
}

TEST(balancer, takes_turns_in_proportion_to_the_weights) {
  auto b = make(balance_policy::round_robin);
  b.add(1, 1);
  b.add(2, 2);
  b.add(3, 1);
  EXPECT_EQ(shares(b, 400), (std::map<std::uint64_t, int>{{1, 100}, {2, 200}, {3, 100}}));
}

TEST(balancer, takes_turns_without_runs_of_one_server) {
  auto b = make(balance_policy::round_robin);
  b.add(1, 1);
  b.add(2, 1);
  EXPECT_NE(b.pick({}, start), b.pick({}, start));
}

TEST(balancer, draws_in_proportion_to_the_weights_when_nothing_is_under_way) {
  auto b = make(balance_policy::p2c_least_loaded);
  b.add(1, 1);
  b.add(2, 3);
  const auto got = shares(b, 4000);
  EXPECT_NEAR(got.at(1), 1000, 100);
}

TEST(balancer, of_two_takes_the_less_loaded) {
  auto b = make(balance_policy::p2c_least_loaded);
  b.add(1, 1);
  b.add(2, 1);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(b.pick({}, start));
  EXPECT_EQ(b.pending(1), 50U);
  EXPECT_EQ(b.pending(2), 50U);
}

TEST(balancer, compares_loads_per_weight) {
  auto b = make(balance_policy::p2c_least_loaded);
  b.add(1, 1);
  b.add(2, 3);
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(b.pick({}, start));
  EXPECT_NEAR(b.pending(1), 100, 2);
}

TEST(balancer, gives_a_new_server_its_share_at_once) {
  for (const auto policy : {balance_policy::p2c_least_loaded, balance_policy::p2c_peak_ewma,
                            balance_policy::round_robin}) {
    auto b = make(policy);
    b.add(1, 1);
    b.add(2, 1);
    for (int i = 0; i < 1000; ++i) b.done(b.pick({}, start).value(), 10ms, start);
    b.add(3, 1);
    int got = 0;
    for (int i = 0; i < 300; ++i) {
      const auto key = b.pick({}, start).value();
      got += key == 3 ? 1 : 0;
      b.done(key, 10ms, start);
    }
    EXPECT_GE(got, 60) << static_cast<int>(policy);
    EXPECT_LE(got, 240) << static_cast<int>(policy);
  }
}

TEST(balancer, a_slow_server_gets_less_by_latency) {
  auto b = make(balance_policy::p2c_peak_ewma);
  b.add(1, 1);
  b.add(2, 1);
  int slow = 0;
  auto now = start;
  for (int i = 0; i < 1000; ++i, now += 10ms) {
    const auto key = b.pick({}, now).value();
    slow += key == 1 ? 1 : 0;
    b.done(key, key == 1 ? 100ms : 10ms, now);
  }
  // It gets one more whenever its latency has decayed below the other's: ln(10) x 10 s.
  EXPECT_LE(slow, 5);
  EXPECT_GE(slow, 1);
}

TEST(balancer, a_peak_of_latency_counts_at_once_and_decays) {
  auto b = make(balance_policy::p2c_peak_ewma);
  b.add(1, 1);
  (void)b.pick({}, start);
  b.done(1, 10ms, start);
  EXPECT_EQ(b.latency(1, start), 10ms);
  (void)b.pick({}, start);
  b.done(1, 100ms, start);
  EXPECT_EQ(b.latency(1, start), 100ms);
  (void)b.pick({}, start);
  b.done(1, 10ms, start + 10s);  // 100 ms / e + 10 ms x (1 - 1 / e)
  EXPECT_NEAR(std::chrono::duration<double>(b.latency(1, start + 10s)).count(), 0.0431, 0.0001);
}

TEST(balancer, a_server_without_a_measured_latency_gets_one_call_at_a_time_beside_others) {
  auto b = make(balance_policy::p2c_peak_ewma);
  b.add(1, 1);
  (void)b.pick({}, start);
  b.done(1, 10ms, start);
  b.add(2, 1);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(b.pick({}, start));
  EXPECT_EQ(b.pending(2), 1U);
}

TEST(balancer, ejected_servers_get_nothing_until_all_are_ejected) {
  for (const auto policy : {balance_policy::p2c_least_loaded, balance_policy::p2c_peak_ewma,
                            balance_policy::round_robin}) {
    auto b = make(policy);
    b.add(1, 1);
    b.add(2, 1);
    b.set_status(1, node_status::ejected);
    EXPECT_EQ(shares(b, 100), (std::map<std::uint64_t, int>{{2, 100}}));
    b.set_status(2, node_status::ejected);
    EXPECT_TRUE(b.is_all_ejected());
    EXPECT_EQ(shares(b, 100).size(), 2U);
    b.set_status(1, node_status::available);
    EXPECT_EQ(shares(b, 100), (std::map<std::uint64_t, int>{{1, 100}}));
  }
}

TEST(balancer, avoids_where_the_call_has_failed_unless_only_the_ejected_are_left) {
  auto b = make(balance_policy::p2c_least_loaded);
  b.add(1, 1);
  b.add(2, 1);
  b.add(3, 1);
  b.set_status(3, node_status::ejected);
  const std::array<std::uint64_t, 2> failed{1, 2};
  EXPECT_EQ(b.pick(std::span(failed).first(1), start), 2U);
  EXPECT_NE(b.pick(failed, start), 3U);
  b.set_status(1, node_status::ejected);
  b.set_status(2, node_status::ejected);
  EXPECT_EQ(b.pick(failed, start), 3U);
}

TEST(balancer, a_weight_of_zero_gets_nothing_while_there_is_another) {
  for (const auto policy : {balance_policy::p2c_least_loaded, balance_policy::round_robin}) {
    auto b = make(policy);
    b.add(1, 0);
    b.add(2, 1);
    b.add(3, 1);
    EXPECT_EQ(shares(b, 100).count(1), 0U);
    b.add(2, 0);
    b.add(3, 0);
    EXPECT_EQ(shares(b, 100).size(), 3U);
    b.remove(2);
    b.remove(3);
    EXPECT_EQ(b.pick({}, start), 1U);
  }
}

TEST(balancer, forgets_a_removed_server_and_its_calls) {
  auto b = make(balance_policy::p2c_least_loaded);
  b.add(1, 1);
  EXPECT_EQ(b.pick({}, start), 1U);
  b.remove(1);
  b.done(1, 10ms, start);
  EXPECT_EQ(b.pending(1), 0U);
  EXPECT_EQ(b.latency(1, start), 0ms);
  EXPECT_EQ(b.size(), 0U);
}

}  // namespace
}  // namespace waitstate::client
