#include "cluster/failure_detector.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

random_source no_jitter() {
  return [] { return std::uint64_t{0}; };
}

random_source most_jitter() {
  return [] { return ~std::uint64_t{0}; };
}

void fail(failure_detector& d, int times, time_point now) {
  for (int i = 0; i < times; ++i) d.failed(now);
}

TEST(failure_detector, ejects_after_five_failures_in_a_row) {
  failure_detector d({.success_rate_min = 0}, no_jitter());
  fail(d, 4, start);
  d.succeeded(start);
  fail(d, 4, start);
  EXPECT_EQ(d.at(start), health::alive);
  d.failed(start);
  EXPECT_EQ(d.at(start), health::dead);
  EXPECT_FALSE(d.may_try(start));
  EXPECT_EQ(d.dead_until(), start + 5s);
  EXPECT_EQ(d.ejections(), 1U);
}

TEST(failure_detector, ejects_when_under_four_fifths_succeed_of_at_least_five) {
  failure_detector d({.failures_in_a_row_max = 0}, no_jitter());
  d.succeeded(start);
  fail(d, 3, start);
  EXPECT_EQ(d.at(start), health::alive);
  d.failed(start);
  EXPECT_EQ(d.at(start), health::dead);

  failure_detector good({.failures_in_a_row_max = 0}, no_jitter());
  for (int i = 0; i < 8; ++i) good.succeeded(start);
  fail(good, 2, start);
  EXPECT_EQ(good.at(start), health::alive);
  good.failed(start);
  EXPECT_EQ(good.at(start), health::dead);
}

TEST(failure_detector, old_calls_do_not_count) {
  failure_detector d({.failures_in_a_row_max = 0}, no_jitter());
  fail(d, 4, start);
  d.failed(start + 31s);
  EXPECT_EQ(d.at(start + 31s), health::alive);
}

TEST(failure_detector, lets_one_call_probe_and_revives_when_it_succeeds) {
  failure_detector d({}, no_jitter());
  fail(d, 5, start);
  EXPECT_EQ(d.at(start + 5s - 1ns), health::dead);
  EXPECT_EQ(d.at(start + 5s), health::half_open);
  EXPECT_TRUE(d.may_try(start + 5s));
  d.started(start + 5s);
  EXPECT_EQ(d.at(start + 5s), health::probing);
  EXPECT_FALSE(d.may_try(start + 5s));
  d.succeeded(start + 6s);
  EXPECT_EQ(d.at(start + 6s), health::alive);
  d.failed(start + 6s);
  EXPECT_EQ(d.at(start + 6s), health::alive) << "the past is forgotten";
}

TEST(failure_detector, stays_dead_for_twice_as_long_when_the_probe_fails) {
  failure_detector d({}, no_jitter());
  fail(d, 5, start);
  auto now = start;
  for (const auto expected : {10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
    now = d.dead_until();
    d.started(now);
    d.failed(now);
    EXPECT_EQ(d.dead_until() - now, expected);
  }
  d.started(d.dead_until());
  d.succeeded(d.dead_until());
  fail(d, 5, now);
  EXPECT_EQ(d.dead_until() - now, 5s);
}

TEST(failure_detector, jitters_up_to_twice_the_time_and_never_past_the_maximum) {
  failure_detector d({}, most_jitter());
  fail(d, 5, start);
  EXPECT_GT(d.dead_until(), start + 9990ms);
  EXPECT_LE(d.dead_until(), start + 10s);
  for (int i = 0; i < 8; ++i) {
    const auto now = d.dead_until();
    d.started(now);
    d.failed(now);
    EXPECT_LE(d.dead_until() - now, 300s);
  }
}

TEST(failure_detector, an_abandoned_probe_may_be_tried_again) {
  failure_detector d({}, no_jitter());
  fail(d, 5, start);
  d.started(start + 5s);
  d.abandoned();
  EXPECT_EQ(d.at(start + 5s), health::half_open);
}

TEST(failure_detector, calls_that_began_before_the_ejection_change_nothing) {
  failure_detector d({}, no_jitter());
  fail(d, 5, start);
  d.succeeded(start + 1s);
  fail(d, 5, start + 1s);
  EXPECT_EQ(d.at(start + 1s), health::dead);
  EXPECT_EQ(d.dead_until(), start + 5s);
}

TEST(failure_detector, one_failed_connect_is_enough_and_a_connect_revives) {
  failure_detector d({}, no_jitter());
  auto now = start;
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 32s}) {
    d.connect_failed(now);
    EXPECT_TRUE(d.is_unreachable());
    EXPECT_EQ(d.dead_until() - now, expected);
    d.connect_failed(now);
    EXPECT_EQ(d.dead_until() - now, expected) << "failed together";
    now = d.dead_until();
  }
  d.connected(now);
  EXPECT_EQ(d.at(now), health::alive);
  d.connect_failed(now);
  EXPECT_EQ(d.dead_until() - now, 1s);
}

TEST(failure_detector, a_connect_does_not_revive_a_server_whose_calls_fail) {
  failure_detector d({}, no_jitter());
  fail(d, 5, start);
  d.connected(start);
  EXPECT_EQ(d.at(start), health::dead);
}

TEST(failure_detector, each_ground_can_be_turned_off) {
  failure_detector d({.failures_in_a_row_max = 0, .success_rate_min = 0, .connect_dead_first = 0s},
                     no_jitter());
  fail(d, 100, start);
  d.connect_failed(start);
  EXPECT_EQ(d.at(start), health::alive);
}

TEST(failure_detector, a_probe_that_does_not_end_gives_way_to_another) {
  failure_detector d({}, no_jitter());
  fail(d, 5, start);
  d.started(start + 5s);
  EXPECT_EQ(d.at(start + 9s), health::probing);
  EXPECT_EQ(d.at(start + 10s), health::half_open);
  d.started(start + 10s);
  EXPECT_FALSE(d.may_try(start + 11s));
  d.abandoned();
  EXPECT_TRUE(d.may_try(start + 11s));
}

TEST(failure_detector, an_expected_success_ends_a_row_of_failures_and_brings_nobody_back) {
  failure_detector d({.success_rate_min = 0}, no_jitter());
  fail(d, 4, start);
  d.succeeded_as_expected(start);
  fail(d, 4, start);
  EXPECT_EQ(d.at(start), health::alive);
  d.failed(start);
  d.started(start + 5s);
  EXPECT_EQ(d.at(start + 5s), health::probing);
  d.succeeded_as_expected(start + 5s);
  EXPECT_EQ(d.at(start + 5s), health::probing) << "it began before";
  d.succeeded(start + 5s);
  EXPECT_EQ(d.at(start + 5s), health::alive);
}

}  // namespace
}  // namespace waitstate::client
