#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

using tcp::state;

TEST(half_open_no_keepalive, many_idle_for_hours_without_a_timer) {
  auto s = host();
  const auto server = add_process(s, 6, "broker");
  put(s, on(state::established, 1883, "9.9.9.9", 150).of(server).without_timer().aged(7'200'000));
  const auto found = half_open_no_keepalive(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].title,
            "broker (pid 6) keeps 150 open connections on port 1883 without keep-alive, idle for "
            "over an hour (up to 2 h)");
  EXPECT_EQ(found[0].subject.pid, 6);
}

TEST(half_open_no_keepalive, an_idle_database_pool_is_ordinary) {
  auto s = host();
  const auto app = add_process(s, 6, "app");
  put(s, to(state::established, "10.0.0.8", 5432, 50).of(app).without_timer().aged(7'200'000));
  EXPECT_TRUE(half_open_no_keepalive(s).empty());
}

TEST(half_open_no_keepalive, those_with_the_timer_do_not_count) {
  auto s = host();
  auto group = on(state::established, 1883, "9.9.9.9", 150).without_timer().aged(7'200'000);
  group.group.no_timer = 40;
  group.group.keepalive_timer = 110;
  put(s, group);
  EXPECT_TRUE(half_open_no_keepalive(s).empty());
}

TEST(half_open_no_keepalive, a_paste_of_nothing_but_open_rows_without_a_timer) {
  auto s = paste();
  const auto server = add_process(s, 6, "server");
  put(s, on(state::established, 9000, "9.9.9.9", 4).of(server).without_timer());
  EXPECT_EQ(half_open_no_keepalive(s).size(), 1U);
  put(s, to(state::time_wait, "10.0.0.8", 80, 4));
  EXPECT_TRUE(half_open_no_keepalive(s).empty());
}

TEST(half_open_no_keepalive, counts_beside_the_rows_have_no_timer_to_show) {
  auto s = paste();
  put(s,
      on(state::established, 3306, "9.9.9.9", 4).of(add_process(s, 6, "mysqld")).without_timer());
  put(s, to(state::unknown, "9.9.9.9", 3306, 1'893));
  put(s, on(state::established, 3306, "9.9.9.9", 1'893));
  const auto found = half_open_no_keepalive(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title,
            "mysqld (pid 6) keeps 4 open connections on port 3306 without keep-alive");
}

TEST(half_open_no_keepalive, one_row_that_is_all_of_a_paste_with_timer_and_owner) {
  auto s = paste();
  put(s,
      to(state::established, "10.0.0.8", 1087, 1).of(add_process(s, 6, "server")).without_timer());
  const auto found = half_open_no_keepalive(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].certainty.confidence, confidence::possible);
  put(s, to(state::time_wait, "10.0.0.8", 80, 1));
  EXPECT_TRUE(half_open_no_keepalive(s).empty());
}

TEST(half_open_no_keepalive, twins_of_one_client_without_a_timer) {
  auto s = paste();
  put(s, on(state::established, 1514, "9.9.9.9", 1).without_timer());
  EXPECT_TRUE(half_open_no_keepalive(s).empty());
  put(s, on(state::established, 1514, "9.9.9.8", 2).without_timer());
  EXPECT_EQ(half_open_no_keepalive(s).size(), 1U);
}

TEST(half_open_no_keepalive, no_peer_on_this_host_vanishes_without_a_fin) {
  auto s = paste();
  put(s,
      to(state::established, "10.0.0.2", 6443, 3).of(add_process(s, 6, "proxy")).without_timer());
  s.groups.back().key.local.address = s.groups.back().key.remote.address;
  EXPECT_TRUE(half_open_no_keepalive(s).empty());
  s.groups.back().key.local.address = endpoint_of("10.0.0.9", 0).address;
  EXPECT_EQ(half_open_no_keepalive(s).size(), 1U);
}

TEST(half_open_no_keepalive, is_told_in_words_where_no_rows_show_it) {
  auto s = paste();
  s.messages.push_back({.kind = message_kind::peer_gone,
                        .text = "the client lost power and its connection stays open",
                        .endpoint = {},
                        .program = {},
                        .queued = {}});
  const auto told = half_open_no_keepalive(s);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].certainty.confidence, confidence::certain);
  put(s, on(state::established, 1514, "9.9.9.9", 3).without_timer());
  const auto shown = half_open_no_keepalive(s);
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_NE(shown[0].title, told[0].title);
}

}  // namespace
}  // namespace waitstate::diagnosis
