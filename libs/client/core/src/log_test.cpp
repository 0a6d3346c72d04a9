#include "waitstate/client/core/log.h"

#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class log_test : public testing::Test {
 protected:
  cluster_settings logged(std::uint32_t lines_max = 0) {
    cluster_settings settings;
    settings.name = "search";
    log_events(settings, {.write =
                              [this](const log_line& l) {
                                const std::scoped_lock held(lock_);
                                lines_.push_back(std::string(to_string(l.level)) + " " +
                                                 std::string(l.kind) + ": " + std::string(l.text));
                                cut_ += l.cut;
                              },
                          .lines_max = lines_max});
    return settings;
  }
  std::vector<std::string> lines() {
    const std::scoped_lock held(lock_);
    return lines_;
  }

  std::mutex lock_;
  std::vector<std::string> lines_;
  std::uint64_t cut_ = 0;
};

const endpoint db{.host = "db", .port = 5432};

ledger_entry an_entry(bool peer_closed) {
  return {.id = {.slot = 3, .generation = 17},
          .to = db,
          .out_for = 5min,
          .last_byte_ago = 4min,
          .peer_closed = peer_closed,
          .where = std::source_location::current()};
}

TEST_F(log_test, is_one_line_whatever_servers_say) {
  const auto settings = logged();
  settings.pool.events.dial_failed(
      {.code = errc::unavailable, .what = "greet db:1: no\r\nwarning leaked: \x1b[2J", .hint = {}});
  EXPECT_EQ(lines().at(0),
            "warning dial_failed: cluster 'search': greet db:1: no??warning leaked: ?[2J");
}

TEST_F(log_test, words_what_happens_to_leases) {
  const auto settings = logged();
  const auto& events = settings.pool.events;
  const auto e = an_entry(true);
  const auto at =
      std::string("log_test.cpp:") + std::to_string(e.where.line()) + " " + e.where.function_name();
  events.leaked(e);
  events.came_back(e);
  events.reclaimed(e, reclaim_reason::peer_closed);
  events.dial_failed({.code = errc::unavailable, .what = "connect db:5432: refused", .hint = {}});
  const std::vector<std::string> expected = {
      "warning leaked: pool 'db:5432': a lease is out for 5 min, last byte 4 min ago, the peer has "
      "closed: " +
          at,
      "info came_back: pool 'db:5432': lease 3/17, which was reported, came back",
      "warning reclaimed: pool 'db:5432': a lease was reclaimed after 5 min, the peer closed it: " +
          at,
      "warning dial_failed: cluster 'search': connect db:5432: refused"};
  EXPECT_EQ(lines(), expected);
}

TEST_F(log_test, words_what_happens_to_servers) {
  const auto settings = logged();
  const auto& events = settings.events;
  endpoint_set set{.endpoints = {{.at = db}}, .generation = 1, .state = source_state::ok};
  events.endpoints_changed(set);
  set.state = source_state::stale;
  set.why = error{.code = errc::unavailable, .what = "no answer", .hint = {}};
  for (int i = 1; i < 12; ++i) {
    set.endpoints.push_back({.at = {.host = "db" + std::to_string(i), .port = 1}});
  }
  events.endpoints_changed(set);
  events.revived(db);
  events.retried(db, {.code = errc::unavailable, .what = "reset", .hint = {}}, 1);
  const std::vector<std::string> expected = {
      "info endpoints_changed: cluster 'search': 1 endpoint: db:5432",
      "warning endpoints_changed: cluster 'search': 12 endpoints: db:5432, db1:1, db2:1, db3:1, "
      "db4:1, db5:1, db6:1, db7:1 and 4 more, stale: no answer",
      "info revived: cluster 'search': db:5432 gets calls again",
      "info retried: cluster 'search': attempt 1 at db:5432 is tried again: reset"};
  EXPECT_EQ(lines(), expected);
}

TEST_F(log_test, calls_what_was_set_before) {
  cluster_settings settings;
  int called = 0;
  settings.events.revived = [&called](const endpoint&) { ++called; };
  std::string line;
  log_events(settings, {.write = [&line](const log_line& l) { line = l.text; }});
  settings.events.revived(db);
  EXPECT_EQ(called, 1);
  EXPECT_EQ(line, "cluster 'cluster': db:5432 gets calls again");
}

TEST_F(log_test, writes_nothing_that_a_terminal_obeys) {
  const auto settings = logged();
  const error said{.code = errc::permission,
                   .what =
                       "\x1b[31m\nLOG \xc2\x9b"
                       "1m\xff",
                   .hint = {}};
  settings.pool.events.dial_failed(said);
  EXPECT_EQ(lines().back(), "warning dial_failed: cluster 'search': ?[31m?LOG ??1m?");
}

TEST_F(log_test, writes_no_more_of_a_kind_than_it_may) {
  const auto settings = logged(2);
  for (int i = 0; i < 100; ++i) settings.events.revived(db);
  settings.pool.events.came_back(an_entry(false));
  EXPECT_EQ(lines().size(), 3U);
}

TEST_F(log_test, tells_of_a_server_that_is_down) {
  endpoint gone;
  {
    const test_server server(test_server::read_to_end);
    gone = server.at();
  }
  test_io io;
  const auto c = cluster::make(io.executor(), static_source({{.at = gone}}), logged()).value();
  EXPECT_FALSE(io.await(c->acquire({.deadline = clock::now() + 2s})));
  c->stop();
  io.stop();
  const auto all = lines();
  EXPECT_NE(std::ranges::find(all, "warning dial_failed: cluster 'search': connect " +
                                       to_string(gone) + ": Connection refused"),
            all.end());
}

TEST(log_limiter, counts_what_it_cut_for_the_next_line) {
  log_limiter limiter(2, 10s);
  const time_point t;
  EXPECT_EQ(limiter.admit("a", t), 0U);
  EXPECT_EQ(limiter.admit("a", t + 1s), 0U);
  EXPECT_EQ(limiter.admit("a", t + 2s), std::nullopt);
  EXPECT_EQ(limiter.admit("a", t + 9999ms), std::nullopt);
  EXPECT_EQ(limiter.admit("b", t + 9s), 0U) << "kinds do not count together";
  EXPECT_EQ(limiter.admit("a", t + 10s), 2U);
  EXPECT_EQ(limiter.admit("a", t + 11s), 0U);
  EXPECT_EQ(limiter.admit("a", t + 12s), std::nullopt);
}

TEST(log_limiter, has_no_limit_of_zero) {
  log_limiter limiter(0, 10s);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limiter.admit("a", time_point()), 0U);
}

}  // namespace
}  // namespace waitstate::client
