#include "waitstate/snapshot/connection_tally.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

whole_connection outbound_of(std::string_view peer, std::string name) {
  return {
      .end = {.flow = {.local = {}, .remote = tcp::parse_endpoint(peer).value_or(tcp::endpoint{})},
              .direction = direction::outbound,
              .closed_first = first_closer::local,
              .opener = traced_process{.pid = 1, .name = std::move(name)},
              .life = std::chrono::microseconds(100),
              .was_established = true,
              .bytes_sent = 3,
              .bytes_received = 4},
      .other = {}};
}

TEST(connection_tally, adds_up_by_process_and_peer_the_most_first) {
  connection_tally tally;
  tally.add(outbound_of("10.0.0.2:80", "curl"));
  for (int i = 0; i < 2; ++i) tally.add(outbound_of("10.0.0.3:80", "curl"));
  tally.add(outbound_of("10.0.0.3:80", "wget"));
  const auto rows = tally.rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(to_string(rows[0].end), "10.0.0.3:80");
  EXPECT_EQ(rows[0].process, "curl");
  EXPECT_EQ(rows[0].connections, 2U);
  EXPECT_EQ(rows[0].closed_here_first, 2U);
  EXPECT_EQ(rows[0].bytes, 14U);
  EXPECT_EQ(rows[0].life, std::chrono::microseconds(200));
  EXPECT_EQ(rows[0].resets, 0U);
}

TEST(connection_tally, counts_resets_of_what_was_established_alone) {
  connection_tally tally;
  auto c = outbound_of("10.0.0.2:80", "curl");
  c.end.ending = connection_ending::reset_by_peer;
  tally.add(c);
  c.end.ending = connection_ending::refused;
  c.end.was_established = false;
  tally.add(c);
  const auto rows = tally.rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].resets, 1U);
  EXPECT_EQ(rows[0].established, 1U);
  EXPECT_EQ(rows[0].connections, 2U);
}

TEST(connection_tally, is_bounded_and_counts_what_it_does_not_keep) {
  connection_tally tally;
  auto c = outbound_of("10.0.0.2:80", "curl");
  for (std::size_t i = 0; i <= connection_tally::rows_max; ++i) {
    c.end.flow.remote.port = static_cast<std::uint16_t>(i + 1);
    tally.add(c);
  }
  EXPECT_EQ(tally.rows().size(), connection_tally::rows_max);
  EXPECT_EQ(tally.not_kept(), 1U);
}

}  // namespace
}  // namespace waitstate
