#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(syn_unanswered, many_to_one_destination) {
  auto s = host();
  const auto app = add_process(s, 4, "app");
  put(s, to(state::syn_sent, "10.0.0.9", 5432, 19).of(app));
  EXPECT_TRUE(syn_unanswered(s).empty());
  s.groups[0].count = 24;
  const auto found = syn_unanswered(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title, "app (pid 4): 24 connection attempts are unanswered by 10.0.0.9:5432");
  EXPECT_TRUE(mentions(found[0], "host 10.0.0.9 and port 5432"));
}

TEST(syn_unanswered, workers_of_one_program_to_several_back_ends_are_one) {
  auto s = paste();
  put(s, to(state::syn_sent, "10.2.1.65", 4984, 2).of(add_process(s, 25525, "nginx")));
  put(s, to(state::syn_sent, "10.2.1.62", 4984, 2).of(add_process(s, 25526, "nginx")));
  put(s, to(state::syn_sent, "10.2.1.63", 4984, 1).of(add_process(s, 25528, "nginx")));
  const auto found = syn_unanswered(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(found[0], "5 connection attempts are unanswered by 3 destinations"));
}

TEST(syn_unanswered, a_crawler_with_one_to_each_host_is_ordinary) {
  auto s = host();
  for (int i = 1; i < 60; ++i) {
    const auto peer = "10.0.1." + std::to_string(i);
    put(s, to(state::syn_sent, peer.c_str(), 443, 1));
  }
  EXPECT_TRUE(syn_unanswered(s).empty());
}

TEST(syn_unanswered, one_that_was_sent_three_times_is_enough_but_for_a_crawler) {
  auto s = host();
  put(s, to(state::syn_sent, "fd99::2", 5432, 1).sent_again(2));
  const auto found = syn_unanswered(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "1 connection attempt is unanswered by [fd99::2]:5432");
  EXPECT_TRUE(mentions(found[0], "ip6[53] & 2 != 0"));
  s.groups[0] = to(state::syn_sent, "10.0.0.9", 5432, 8).sent_again(1).group;
  EXPECT_TRUE(syn_unanswered(s).empty()) << "the second comes after a second";

  auto crawler = host();
  for (int i = 1; i < 9; ++i) {
    const auto peer = "10.0.1." + std::to_string(i);
    put(crawler, to(state::syn_sent, peer.c_str(), 443, 1).sent_again(3));
  }
  EXPECT_TRUE(syn_unanswered(crawler).empty());
}

TEST(syn_unanswered, a_complaint_about_an_upstream) {
  auto s = paste();
  auto line = said(message_kind::connect_timed_out, "connect() failed (110: timed out)");
  line.endpoint = endpoint_of("10.0.0.9", 8080);
  s.messages.push_back(line);
  const auto found = syn_unanswered(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "1 connection attempt timed out to 10.0.0.9:8080");
}

TEST(syn_unanswered, a_capture_shows_those_of_clients_too) {
  auto s = paste();
  s.captured = {
      {.service = endpoint_of("10.0.0.5", 443), .direction = direction::inbound, .flows = 9}};
  s.captured[0].unanswered = 2;
  EXPECT_TRUE(syn_unanswered(s).empty());
  s.captured[0].unanswered = 3;
  const auto found = syn_unanswered(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "3 connection attempts of clients to 10.0.0.5:443 get no answer from this host");
}

TEST(syn_unanswered, a_tracking_table_shows_those_of_others) {
  auto s = paste();
  s.tracked = {
      {.state = "SYN_SENT", .destination = endpoint_of("10.9.0.7", 8443), .unreplied = true}};
  s.tracked[0].count = 19;
  EXPECT_TRUE(syn_unanswered(s).empty());
  s.tracked[0].count = 20;
  EXPECT_EQ(syn_unanswered(s).size(), 1U);
  s.tracked[0].unreplied = false;
  EXPECT_TRUE(syn_unanswered(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
