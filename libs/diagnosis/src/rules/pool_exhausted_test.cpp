#include <gtest/gtest.h>

#include "close_fixture.h"
#include "rules/rules.h"

namespace waitstate::diagnosis {
namespace {

TEST(pool_exhausted, names_the_pool_and_its_size) {
  auto s = paste();
  s.pools.push_back({.program = "HikariCP",
                     .name = "orders",
                     .leased = 10,
                     .idle = 0,
                     .waiting = 23,
                     .size = 10});
  const auto found = pool_exhausted(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(found[0].title,
            "HikariCP's pool orders: all 10 connections are out, and 23 callers wait for one");
  EXPECT_EQ(found[0].subject.text, "orders");
  EXPECT_TRUE(mentions(found[0], "leakDetectionThreshold"));
}

TEST(pool_exhausted, a_pool_that_has_some_left_is_none) {
  auto s = paste();
  s.pools.push_back({.leased = 9, .size = 10});
  s.pools.push_back({.leased = 10});
  s.pools.push_back({.of_workers = true, .leased = 10, .size = 10});
  EXPECT_TRUE(pool_exhausted(s).empty());
  s.pools.push_back({.leased = 10, .size = 10});
  const auto found = pool_exhausted(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_EQ(found[0].certainty.confidence, confidence::possible);
}

TEST(pool_exhausted, sockets_that_are_as_many_are_told_of) {
  auto s = paste();
  s.pools.push_back({.leased = 10, .waiting = 1, .size = 10});
  put(s, to(tcp::state::established, "10.0.0.9", 5432, 10));
  EXPECT_TRUE(mentions(pool_exhausted(s).at(0), "10: as many as the pool has"));
}

TEST(pool_exhausted, an_error_without_a_size_is_a_warning) {
  auto s = paste();
  s.messages.push_back(said(message_kind::pool_exhausted, "redis: connection pool timeout"));
  const auto found = pool_exhausted(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::warning);
  EXPECT_TRUE(found[0].title.starts_with("1 caller got no connection"));
}

TEST(pool_exhausted, what_haproxy_sends_a_server_is_worded_so) {
  auto s = paste();
  s.pools.push_back(
      {.program = "HAProxy", .name = "app/srv1", .leased = 30, .waiting = 1, .size = 30});
  EXPECT_EQ(
      pool_exhausted(s).at(0).title,
      "HAProxy sends app/srv1 no more than its 30 connections, and all are in use, and 1 caller "
      "waits for one");
}

TEST(pool_exhausted, a_pool_that_has_none_at_all_keeps_its_callers_waiting) {
  auto s = paste();
  s.pools.push_back(
      {.program = "PgBouncer", .name = "app/app", .leased = 0, .idle = 0, .waiting = 45});
  const auto found = pool_exhausted(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, severity::critical);
  EXPECT_EQ(
      found[0].title,
      "PgBouncer's pool app/app has no connection to its server, and 45 callers wait for one");
  EXPECT_TRUE(mentions(found[0], "login"));
  s.pools[0].waiting = 0;
  EXPECT_TRUE(pool_exhausted(s).empty());
}

TEST(pool_exhausted, a_server_that_takes_no_more_clients_says_who_is_connected) {
  auto s = paste();
  s.pools.push_back({.program = "Redis", .leased = 10'000, .size = 10'000});
  const auto found = pool_exhausted(s);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].title, "Redis takes no more clients: 10,000 of 10,000 are connected");
  EXPECT_TRUE(mentions(found[0], "CLIENT LIST"));
}

}  // namespace
}  // namespace waitstate::diagnosis
