#include "reading/packed_rows.h"

#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

tcp::flow flow(std::string_view local, std::string_view remote) {
  return {.local = *tcp::parse_endpoint(local), .remote = *tcp::parse_endpoint(remote)};
}

/// Everything that a row has, to be compared.
auto all_of(const stored_row& r) {
  const auto& s = r.record;
  return std::tuple(s.flow, s.state, s.net_namespace, s.owner, s.cookie, s.inode, s.uid,
                    s.receive_queue, s.send_queue, s.has_queues, s.timer, s.timer_ms, s.retransmits,
                    s.last_data_ms, s.last_ack_ms, s.count, r.told, r.from, r.incomplete);
}

std::vector<stored_row> some_rows() {
  const auto v4 = flow("10.0.0.1:40000", "10.0.0.2:443");
  const auto v6 = flow("[2001:db8::1]:40000", "[2001:db8::2]:443");
  std::vector<stored_row> rows{
      {.record = {.flow = v4, .state = tcp::state::time_wait}, .from = 1},
      {.record = {.flow = v6, .state = tcp::state::close_wait, .receive_queue = 1}, .from = 7},
      {.record = {.flow = v6,
                  .state = tcp::state::established,
                  .owner = {.kind = ownership::owned, .process = 70'000},
                  .inode = 7,
                  .uid = 0,
                  .send_queue = 9,
                  .timer = socket_timer::retransmit,
                  .timer_ms = 200,
                  .retransmits = 3,
                  .last_data_ms = 0,
                  .last_ack_ms = 5},
       .told = direction::outbound},
      {.record = {.flow = v4, .state = tcp::state::listen}, .incomplete = 4},
      {.record = {.flow = v4, .state = tcp::state::close_wait, .cookie = 1, .count = 12}},
      {.record = {.state = tcp::state::unknown, .has_queues = false, .timer = socket_timer::none}},
      {.record = {.flow = v4, .state = tcp::state::syn_sent}, .from = 8},
  };
  rows[5].record.flow.local.address = tcp::address::named(12);
  return rows;
}

TEST(packed_rows, what_comes_out_is_what_went_in) {
  const auto rows = some_rows();
  packed_rows packed;
  for (const auto& r : rows) packed.push_back(r);
  ASSERT_EQ(packed.size(), rows.size());
  std::size_t i = 0;
  for (const auto& r : packed) {
    EXPECT_EQ(all_of(r), all_of(rows[i])) << i;
    ++i;
  }
  EXPECT_EQ(i, rows.size());
}

TEST(packed_rows, are_told_their_direction_owner_and_timer_later) {
  const auto rows = some_rows();
  packed_rows packed;
  for (const auto& r : rows) packed.push_back(r);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    packed.tell_direction(i, direction::inbound);
    packed.tell_owner(i, {.kind = ownership::hidden});
    packed.tell_timer(i, socket_timer::none);
    auto wanted = rows[i];
    wanted.told = direction::inbound;
    wanted.record.owner = {.kind = ownership::hidden};
    wanted.record.timer = socket_timer::none;
    EXPECT_EQ(all_of(packed[i]), all_of(wanted)) << i;
  }
}

}  // namespace
}  // namespace waitstate::paste
