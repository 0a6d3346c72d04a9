#include "waitstate/render/trace_text.h"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waitstate/render/trace_csv.h"
#include "waitstate/render/trace_json.h"

namespace waitstate::render {
namespace {

using testing::HasSubstr;

whole_connection closed_by(first_closer who) {
  return {.end = {.ended = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'500)),
                  .flow = {.local = tcp::parse_endpoint("10.0.0.1:4000").value_or(tcp::endpoint{}),
                           .remote = tcp::parse_endpoint("10.0.0.2:80").value_or(tcp::endpoint{})},
                  .direction = direction::outbound,
                  .closed_first = who,
                  .opener = traced_process{.pid = 12, .name = "curl"},
                  .closer = traced_process{.pid = 12, .name = "curl"},
                  .life = std::chrono::microseconds(830),
                  .was_established = true,
                  .bytes_sent = 74,
                  .bytes_received = 2048},
          .other = {}};
}

whole_connection with_both_ends(first_closer who) {
  auto c = closed_by(who);
  c.other = ended_connection{.direction = direction::inbound,
                             .closer = traced_process{.pid = 90, .name = "nginx"},
                             .was_established = true};
  return c;
}

TEST(trace_text, says_who_closed_and_who_was_first) {
  EXPECT_EQ(how_it_ended(closed_by(first_closer::local)), "curl (pid 12) closed first");
  EXPECT_EQ(how_it_ended(closed_by(first_closer::peer)),
            "the peer closed first, then curl (pid 12)");
  EXPECT_EQ(how_it_ended(with_both_ends(first_closer::local)),
            "curl (pid 12) closed first, then nginx (pid 90)");
  EXPECT_EQ(how_it_ended(with_both_ends(first_closer::peer)),
            "nginx (pid 90) closed first, then curl (pid 12)");
  auto at_once = with_both_ends(first_closer::local);
  at_once.other->closed_first = first_closer::local;
  EXPECT_EQ(how_it_ended(at_once), "curl (pid 12) and nginx (pid 90) closed at once");
}

TEST(trace_text, says_why_a_reset_was_sent_by_the_end_that_sent_it) {
  auto c = with_both_ends(first_closer::nobody);
  c.end.ending = connection_ending::reset_by_peer;
  EXPECT_EQ(how_it_ended({.end = c.end, .other = {}}), "reset by the peer");
  c.other->ending = connection_ending::unread_data;
  c.other->bytes_unread = 50;
  EXPECT_EQ(how_it_ended(c), "nginx (pid 90) closed with 50 B unread: a reset");
}

TEST(trace_text, has_words_for_every_ending) {
  for (const auto e : all_connection_endings) {
    auto c = closed_by(first_closer::local);
    c.end.ending = e;
    c.end.error = EHOSTUNREACH;
    EXPECT_FALSE(how_it_ended(c).empty()) << to_string(e);
  }
}

TEST(trace_text, is_one_line_whatever_a_process_calls_itself) {
  auto c = closed_by(first_closer::local);
  c.end.opener = traced_process{.pid = 12, .name = "a\n\x1b[2Jb"};
  const auto line = to_trace_line(c);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1b'), line.npos);
  EXPECT_THAT(line, HasSubstr("10.0.0.1:4000 -> 10.0.0.2:80"));
  EXPECT_THAT(line, HasSubstr("830 us"));
}

TEST(trace_text, keeps_within_a_width_that_has_no_room_for_columns) {
  auto c = with_both_ends(first_closer::local);
  c.end.opener = traced_process{.pid = 12, .name = "a\n\x1b[2Jb"};
  c.end.flow.remote =
      tcp::parse_endpoint("[2001:db8:1234:5678:9abc:def0:1234:5678]:443").value_or(tcp::endpoint{});
  for (const std::size_t width : {60U, 80U, 159U}) {
    for (const auto& text : {trace_heading(width), to_trace_line(c, width)}) {
      EXPECT_EQ(text.find('\x1b'), text.npos);
      for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        EXPECT_LE(text.find('\n', at) - at, width) << text;
      }
    }
    EXPECT_THAT(to_trace_line(c, width), HasSubstr("sent 74 B"));
  }
}

TEST(trace_json, is_one_object_in_one_line) {
  auto c = with_both_ends(first_closer::local);
  c.end.opener = traced_process{.pid = 12, .name = "a\n\"b\xff"};
  const auto line = to_trace_json(c);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_THAT(line, HasSubstr(R"("ended_at":"1970-01-01T00:00:01.500Z")"));
  EXPECT_THAT(line, HasSubstr(R"("life_us":830)"));
  EXPECT_THAT(line, HasSubstr(R"("closed_first":"local")"));
  EXPECT_THAT(line, HasSubstr(R"("process":"nginx")"));
}

TEST(trace_csv, quotes_what_a_process_calls_itself) {
  auto c = closed_by(first_closer::local);
  c.end.opener = traced_process{.pid = 12, .name = "a,\"b"};
  EXPECT_THAT(to_trace_csv(c), HasSubstr("1970-01-01T00:00:01.500Z,12,\"a,\"\"b\",12,\"curl\",,,"));
  const auto commas = [](const std::string& text) { return std::ranges::count(text, ','); };
  EXPECT_EQ(commas(to_trace_csv(closed_by(first_closer::local))), commas(trace_csv_heading()));
}

}  // namespace
}  // namespace waitstate::render
