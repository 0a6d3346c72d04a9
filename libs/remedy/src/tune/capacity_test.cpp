#include "waitstate/remedy/tune/capacity.h"

#include <gtest/gtest.h>

#include "host_fixture.h"

namespace waitstate::remedy {
namespace {

using tcp::state;

TEST(capacity, is_ports_by_the_time_that_each_is_held) {
  made_host h;
  h.makes(state::time_wait, place("10.0.0.7", 8080), 12'000).evenly_closed();
  const auto all = capacity_of(h.s);
  ASSERT_EQ(all.size(), 1U);
  const auto& c = all[0];
  EXPECT_EQ(c.ports, 28'232U);
  EXPECT_EQ(c.in_use, 12'000U);
  EXPECT_EQ(c.held.count(), 60'000);
  EXPECT_EQ(c.rate, 200.0);
  ASSERT_TRUE(c.bearable && c.with_reuse && c.with_wide_range && c.each_address);
  EXPECT_NEAR(*c.bearable, 470.5, 0.1);
  EXPECT_NEAR(*c.with_reuse, 28'232, 0.1);
  EXPECT_NEAR(*c.with_wide_range, 921.6, 0.1);
  EXPECT_FALSE(c.full_in) << "200 a second can be borne";
  EXPECT_FALSE(c.full_at_growth) << "as many as a minute ago";
}

TEST(capacity, what_stays_open_is_not_to_be_had) {
  made_host h;
  h.makes(state::time_wait, place("10.0.0.7", 8080), 12'000).evenly_closed();
  h.makes(state::established, place("10.0.0.7", 8080), 14'116);
  EXPECT_NEAR(*capacity_of(h.s).at(0).bearable, 235.3, 0.1);
}

TEST(capacity, with_reuse_a_port_is_held_for_its_delay) {
  made_host h;
  h.set("net.ipv4.tcp_tw_reuse", "1").set("net.ipv4.tcp_tw_reuse_delay", "500");
  h.makes(state::time_wait, place("10.0.0.7", 8080), 12'000).evenly_closed();
  const auto c = capacity_of(h.s).at(0);
  EXPECT_EQ(c.held.count(), 500);
  EXPECT_NEAR(*c.bearable, 56'464, 0.1);
  EXPECT_FALSE(c.with_reuse);
}

TEST(capacity, a_rate_that_grows_has_its_end) {
  made_host h;
  h.makes(state::time_wait, place("10.0.0.7", 8080), 6'000);
  auto& g = h.s.groups.back();
  // 75 a second a minute ago, 125 now: 1 a second more each second.
  for (std::size_t slot = 0; slot < g.closed_in_slot.size(); ++slot) {
    g.closed_in_slot[slot] = static_cast<std::uint32_t>(625 - slot * 23);
  }
  g.age.count[2] = g.count;
  const auto c = capacity_of(h.s).at(0);
  EXPECT_GT(c.growth, 0.5);
  ASSERT_TRUE(c.full_at_growth);
  EXPECT_GT(c.full_at_growth->count(), 200);
  EXPECT_LT(c.full_at_growth->count(), 600);
}

TEST(capacity, where_the_other_end_closes_nothing_is_held) {
  made_host h;
  h.makes(state::established, place("10.0.0.7", 8080), 100);
  const auto c = capacity_of(h.s).at(0);
  EXPECT_EQ(c.held.count(), 0);
  EXPECT_FALSE(c.bearable);
  EXPECT_EQ(c.open, 100U);
}

TEST(capacity, a_host_that_connects_nowhere_has_none) {
  const made_host h;
  EXPECT_TRUE(capacity_of(h.s).empty());
}

}  // namespace
}  // namespace waitstate::remedy
