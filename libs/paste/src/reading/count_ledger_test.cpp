#include "reading/count_ledger.h"

#include <gtest/gtest.h>

#include "rows/formats.h"

namespace waitstate::paste {
namespace {

using tcp::state;
using namespace std::chrono_literals;

snapshot made_of(count_ledger& counts, const row_store& rows = {}) {
  snapshot_builder builder;
  builder.add_namespace({});
  rows.pour_into(builder);
  counts.pour_into(builder, rows);
  auto s = builder.finish({});
  counts.set_growth(s);
  return s;
}

count_ledger::subject on_port(state s, std::uint16_t port) {
  return {.state = s, .remote = {.address = {}, .port = port}};
}

TEST(count_ledger, takes_the_last_of_a_loop_and_its_growth) {
  count_ledger counts;
  for (const std::uint64_t value : {1104U, 1107U, 1110U}) {
    counts.add({.state = state::close_wait}, {.block = 1, .interval = 5s}, value);
  }
  const auto s = made_of(counts);
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.groups[0].count, 1110U);
  EXPECT_DOUBLE_EQ(*s.groups[0].growth_per_second, 0.6);
  ASSERT_EQ(s.series.size(), 1U);
  EXPECT_EQ(s.series[0].values, (std::vector<std::uint64_t>{1104, 1107, 1110}));
  EXPECT_EQ(s.series[0].interval, 5s);
}

TEST(count_ledger, does_not_mix_a_loop_with_other_looks) {
  count_ledger counts;
  for (const std::uint64_t value : {10U, 20U}) {
    counts.add({.state = state::close_wait}, {.block = 1, .interval = 10s}, value);
  }
  counts.add({.state = state::close_wait}, {.block = 2, .interval = {}}, 812);
  const auto s = made_of(counts);
  EXPECT_EQ(s.groups.at(0).count, 812U);
  EXPECT_DOUBLE_EQ(*s.groups.at(0).growth_per_second, 1.0);
  EXPECT_EQ(s.series.at(0).values, (std::vector<std::uint64_t>{10, 20}));
}

TEST(count_ledger, takes_the_highest_of_several_commands) {
  count_ledger counts;
  counts.add({.state = state::time_wait}, {.block = 1, .interval = {}}, 28230);
  counts.add({.state = state::time_wait}, {.block = 2, .interval = {}}, 19137);
  EXPECT_EQ(made_of(counts).groups.at(0).count, 28230U);
}

TEST(count_ledger, takes_a_port_with_a_listener_for_ours) {
  count_ledger counts;
  counts.add(on_port(state::close_wait, 3000), {.block = 1, .either_end = true, .interval = {}},
             710);
  counts.add(on_port(state::listen, 3000), {.block = 1, .either_end = true, .interval = {}}, 1);
  counts.add(on_port(state::time_wait, 6379), {.block = 2, .either_end = true, .interval = {}}, 5);
  const auto s = made_of(counts);
  ASSERT_EQ(s.groups.size(), 2U);
  EXPECT_EQ(s.groups[0].key.direction, direction::inbound);
  EXPECT_EQ(s.groups[0].key.local.port, 3000);
  EXPECT_EQ(s.groups[1].key.direction, direction::unknown);
  EXPECT_EQ(s.groups[1].key.remote.port, 6379);
  EXPECT_EQ(s.listeners.size(), 1U);
  EXPECT_EQ(s.states().of(state::listen), 1U);
}

TEST(count_ledger, does_not_count_what_rows_or_narrower_counts_show) {
  row_store rows;
  rows.add({.flow = {.local = *tcp::parse_endpoint("10.0.0.1:40000"),
                     .remote = *tcp::parse_endpoint("10.0.0.2:3306")},
            .state = state::time_wait},
           format_named("ss"), {});
  rows.tell_directions(tcp::port_range{});
  count_ledger counts;
  counts.add({.state = state::time_wait}, {.block = 1, .interval = {}}, 100);
  counts.add(on_port(state::time_wait, 3306), {.block = 2, .either_end = true, .interval = {}}, 40);
  const auto s = made_of(counts, rows);
  EXPECT_EQ(s.states().of(state::time_wait), 100U);
}

TEST(count_ledger, takes_a_count_beside_an_excerpt_for_more_of_the_same) {
  row_store rows;
  for (const auto* local : {"10.0.0.1:40000", "10.0.0.1:40002"}) {
    rows.add({.flow = {.local = *tcp::parse_endpoint(local),
                       .remote = *tcp::parse_endpoint("10.0.0.2:3306")},
              .state = state::time_wait},
             format_named("ss"), {});
  }
  rows.tell_directions(tcp::port_range{});
  count_ledger counts;
  counts.add({.state = state::time_wait}, {.block = 1, .interval = {}}, 28000);
  const auto s = made_of(counts, rows);
  ASSERT_EQ(s.groups.size(), 1U);
  EXPECT_EQ(s.groups[0].count, 28000U);
  EXPECT_EQ(s.text_of(s.groups[0].key.remote), "10.0.0.2:3306");
}

TEST(count_ledger, takes_the_worse_of_two_tables_and_not_the_highest_of_each_state) {
  count_ledger counts;
  counts.add({.state = state::close_wait}, {.block = 1, .interval = {}}, 109);
  counts.add({.state = state::established}, {.block = 1, .interval = {}}, 2652);
  counts.add({.state = state::established}, {.block = 2, .interval = {}}, 108);
  counts.add({.state = state::time_wait}, {.block = 2, .interval = {}}, 11276);
  const auto s = made_of(counts);
  EXPECT_EQ(s.states().of(state::close_wait), 109U);
  EXPECT_EQ(s.states().of(state::established), 2652U);
  EXPECT_EQ(s.states().of(state::time_wait), 0U);
}

TEST(count_ledger, keeps_states_that_were_asked_for_one_by_one) {
  count_ledger counts;
  counts.add({.state = state::close_wait}, {.block = 1, .interval = {}}, 977);
  counts.add({.state = state::established}, {.block = 2, .interval = {}}, 28922);
  const auto s = made_of(counts);
  EXPECT_EQ(s.states().of(state::close_wait), 977U);
  EXPECT_EQ(s.states().of(state::established), 28922U);
}

TEST(count_ledger, does_not_add_a_part_to_the_whole) {
  count_ledger counts;
  counts.add({.state = state::established}, {.block = 1, .interval = {}}, 28212);
  counts.add({.state = state::time_wait}, {.block = 1, .interval = {}}, 4532);
  counts.add(on_port(state::unknown, 9080), {.block = 2, .either_end = true, .interval = {}},
             28193);
  EXPECT_EQ(made_of(counts).states().total(), 28212U + 4532U);
}

TEST(count_ledger, lessens_a_count_of_all_states_by_those_of_each) {
  count_ledger counts;
  counts.add({}, {.block = 1, .interval = {}}, 44445);
  counts.add({.state = state::established}, {.block = 2, .interval = {}}, 28922);
  counts.add({.state = state::fin_wait_2}, {.block = 3, .interval = {}}, 14544);
  const auto s = made_of(counts);
  EXPECT_EQ(s.states().total(), 44445U);
  EXPECT_EQ(s.states().of(state::unknown), 44445U - 28922U - 14544U);
}

}  // namespace
}  // namespace waitstate::paste
