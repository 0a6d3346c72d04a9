#include "reading/told_story.h"

#include <initializer_list>
#include <string_view>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

told_story heard(std::initializer_list<std::string_view> lines) {
  told_story story;
  for (const auto line : lines) story.hear(line);
  return story;
}

snapshot saying(message_kind kind, std::string_view text) {
  snapshot s;
  s.messages.push_back(
      {.kind = kind, .text = std::string(text), .endpoint = {}, .program = {}, .queued = {}});
  return s;
}

TEST(told_story, joins_the_sentences_of_a_paragraph) {
  const auto story = heard({"We pulled the plug of the client.", "netstat still shows it",
                            "as ESTABLISHED after an hour."});
  EXPECT_TRUE(story.tells_of_trouble());
  snapshot s;
  story.settle(s);
  ASSERT_EQ(s.messages.size(), 1U);
  EXPECT_EQ(s.messages[0].kind, message_kind::peer_gone);
}

TEST(told_story, joins_nothing_over_an_empty_line) {
  EXPECT_FALSE(
      heard({"We pulled the plug of the client.", "", "netstat shows ESTABLISHED connections."})
          .tells_of_trouble());
}

TEST(told_story, believes_witnesses_alone) {
  EXPECT_FALSE(heard({"A client that lost power leaves a connection that stays open forever."})
                   .tells_of_trouble());
}

TEST(told_story, says_nothing_twice) {
  const auto story = heard({"Our client is gone and its connection stays open forever."});
  auto s = saying(message_kind::peer_gone, "said before");
  story.settle(s);
  EXPECT_EQ(s.messages.size(), 1U);
}

TEST(told_story, explains_a_reset_by_the_idle_time_out_beside_it) {
  const auto story = heard({"The idle timeout of the gateway is longer than the service's."});
  auto s = saying(message_kind::connection_reset, "reset reason: connection termination");
  story.settle(s);
  EXPECT_EQ(s.messages[0].kind, message_kind::stale_connection);
}

TEST(told_story, takes_the_words_of_windows_for_a_connect_where_clients_are_spoken_of) {
  constexpr std::string_view words =
      "Only one usage of each socket address (protocol/network address/port) is normally permitted";
  auto s = saying(message_kind::address_in_use_on_listen, words);
  heard({"A load test with a new client per request"}).settle(s);
  EXPECT_EQ(s.messages[0].kind, message_kind::address_not_available);
  s = saying(message_kind::address_in_use_on_listen, words);
  heard({"The service does not come up after a restart"}).settle(s);
  EXPECT_EQ(s.messages[0].kind, message_kind::address_in_use_on_listen);
}

TEST(told_story, hears_so_much_and_no_more) {
  told_story story;
  for (int i = 0; i < 5'000; ++i) story.hear("a line of a log");
  story.hear("Our client is gone and its connection stays open forever.");
  EXPECT_FALSE(story.tells_of_trouble());
}

}  // namespace
}  // namespace waitstate::paste
