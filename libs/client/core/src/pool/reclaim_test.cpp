#include "waitstate/client/core/reclaim.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
constexpr reclaim_policy policy{
    .after_peer_closed = 5s, .silent_for = 60s, .out_for = 30s, .under_pressure = 0.9};

reclaim_reason after(duration quiet, bool peer_closed, double pressure,
                     const reclaim_policy& p = policy) {
  return decide_reclaim({.leased_at = start, .last_byte = start, .peer_closed = peer_closed}, p,
                        pressure, start + quiet);
}

TEST(reclaim, a_lease_whose_peer_closed_is_taken_after_the_grace) {
  EXPECT_EQ(after(4s, true, 0), reclaim_reason::none);
  EXPECT_EQ(after(5s, true, 0), reclaim_reason::peer_closed);
  EXPECT_EQ(after(5s, false, 0), reclaim_reason::none);
}

TEST(reclaim, a_holder_that_still_reads_keeps_it_though_the_peer_closed) {
  const lease_facts reading{.leased_at = start, .last_byte = start + 8s, .peer_closed = true};
  EXPECT_EQ(decide_reclaim(reading, policy, 1, start + 10s), reclaim_reason::none);
}

TEST(reclaim, silence_counts_from_the_lease_not_from_the_use_before) {
  const lease_facts fresh{.leased_at = start + 59s, .last_byte = start, .peer_closed = false};
  EXPECT_EQ(decide_reclaim(fresh, policy, 0, start + 61s), reclaim_reason::none);
  EXPECT_EQ(after(60s, false, 0), reclaim_reason::silent);
}

TEST(reclaim, age_alone_counts_only_under_pressure) {
  EXPECT_EQ(after(31s, false, 0.5), reclaim_reason::none);
  EXPECT_EQ(after(31s, false, 0.9), reclaim_reason::overdue);
  EXPECT_EQ(after(29s, false, 1), reclaim_reason::none);
}

TEST(reclaim, a_grade_of_zero_is_off) {
  constexpr reclaim_policy off{.after_peer_closed = 0s};
  EXPECT_EQ(after(24h, true, 1, off), reclaim_reason::none);
}

}  // namespace
}  // namespace waitstate::client
