#include "waitstate/capture/read.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "written_capture.h"

namespace waitstate::capture {
namespace {

using namespace std::chrono_literals;
using tcp::state;

constexpr written_end server{.last = 7, .port = 8080};

snapshot read_of(const written_capture& c) {
  auto made = read(c.bytes());
  EXPECT_TRUE(made) << (made ? "" : made.error().what);
  return made ? *std::move(made) : snapshot{};
}

TEST(capture_read, half_closed_connections_are_close_wait_with_their_age) {
  written_capture c;
  for (std::uint16_t i = 0; i < 5; ++i) {
    written_connection one(c, static_cast<std::uint16_t>(40'000 + i), server);
    one.handshake().from_client(ack, 100).from_server(ack, 300).from_client(ack);
    one.from_server(fin | ack).from_client(ack);
  }
  c.at(90s);
  written_connection(c, 41'000, server).handshake();
  const auto s = read_of(c);
  EXPECT_EQ(s.states().of(state::close_wait), 5U);
  EXPECT_EQ(s.states().of(state::established), 1U);
  ASSERT_FALSE(s.groups.empty());
  EXPECT_EQ(s.groups[0].key.direction, direction::outbound);
  EXPECT_EQ(s.groups[0].age.over_a_minute(), 5U);
  ASSERT_EQ(s.captured.size(), 1U);
  EXPECT_EQ(s.captured[0], (captured_service{.service = s.groups[0].key.remote,
                                             .direction = direction::outbound,
                                             .flows = 6,
                                             .closed_there = 5,
                                             .half_closed_here = 5,
                                             .half_closed_ms = 90'000}));
  EXPECT_TRUE(s.limits.empty());
}

TEST(capture_read, what_is_just_being_closed_is_in_no_state) {
  written_capture c;
  written_connection(c, 40'000, server).handshake().from_server(fin | ack).from_client(ack);
  c.at(999ms);
  written_connection(c, 41'000, server).handshake();
  const auto s = read_of(c);
  EXPECT_EQ(s.states().of(state::close_wait), 0U);
  EXPECT_EQ(s.captured.at(0).half_closed_here, 0U);
  ASSERT_EQ(s.limits.size(), 1U);
  EXPECT_EQ(s.limits[0].text, "1 connection was just being closed when the capture ended");
}

TEST(capture_read, time_wait_lasts_a_minute_on_the_side_that_closed) {
  written_capture c;
  for (const auto when : {0s, 100s}) {
    c.at(when);
    written_connection one(c, 40'000, server);
    one.handshake().from_client(fin | ack).from_server(fin | ack).from_client(ack);
  }
  const auto s = read_of(c);
  EXPECT_EQ(s.states().of(state::time_wait), 1U);
  ASSERT_EQ(s.captured.size(), 1U);
  EXPECT_EQ(s.captured[0].flows, 2U);
  EXPECT_EQ(s.captured[0].closed_here, 2U);
}

TEST(capture_read, handshakes_without_an_answer_are_syn_sent) {
  written_capture c;
  for (const auto when : {0s, 1s, 3s}) {
    c.at(when);
    written_connection(c, 40'000, server).syn_from_client();
  }
  const auto s = read_of(c);
  EXPECT_EQ(s.states().of(state::syn_sent), 1U);
  EXPECT_EQ(s.groups.at(0).sent_again_max, 2);
  EXPECT_EQ(s.captured.at(0).unanswered, 1U);
}

TEST(capture_read, without_directions_the_address_that_all_have_is_this_host) {
  written_capture c(1);
  for (std::uint8_t i = 0; i < 4; ++i) {
    written_connection(c, 40'000, {.last = static_cast<std::uint8_t>(7 + i), .port = 80})
        .handshake();
  }
  const auto s = read_of(c);
  EXPECT_EQ(s.groups.size(), 4U);
  EXPECT_TRUE(std::ranges::all_of(
      s.groups, [](const socket_group& g) { return g.key.direction == direction::outbound; }));
  ASSERT_EQ(s.limits.size(), 1U);
  EXPECT_EQ(s.limits[0].text,
            "the capture does not say on which host it was taken: 10.0.0.1 is taken for this host");
}

TEST(capture_read, resets_with_data_unread_are_counted_by_side) {
  written_capture c;
  written_connection one(c, 40'000, server);
  one.handshake().from_client(ack, 100).from_server(ack).from_server(rst | ack);
  written_connection two(c, 40'001, server);
  two.handshake().from_server(ack, 100).from_client(ack).from_client(rst | ack);
  const auto s = read_of(c);
  ASSERT_EQ(s.captured.size(), 1U);
  EXPECT_EQ(s.captured[0].reset_unread_there, 1U);
  EXPECT_EQ(s.captured[0].reset_unread_here, 1U);
  EXPECT_EQ(s.states().total(), 0U);
}

TEST(capture_read, what_is_cut_is_read_as_far_as_it_goes) {
  written_capture c;
  written_connection(c, 40'000, server).handshake();
  const auto whole = c.bytes();
  const auto made = read(std::string_view(whole).substr(0, whole.size() - 10));
  ASSERT_TRUE(made);
  ASSERT_EQ(made->limits.size(), 1U);
  EXPECT_EQ(made->limits[0].id, "capture-cut");
}

TEST(capture_read, what_is_none_says_so) {
  EXPECT_FALSE(is_capture("tcp 0 0"));
  for (const std::string& bytes :
       {std::string("text"), std::string("\xd4\xc3\xb2\xa1", 4), written_capture().bytes()}) {
    const auto made = read(bytes);
    ASSERT_FALSE(made);
    EXPECT_FALSE(made.error().hint.empty());
  }
}

}  // namespace
}  // namespace waitstate::capture
