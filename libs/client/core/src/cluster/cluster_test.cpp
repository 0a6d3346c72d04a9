#include "waitstate/client/core/cluster.h"

#include <atomic>
#include <future>
#include <map>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "deaf_listener.h"
#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class told_source final : public endpoint_source {
 public:
  asio::awaitable<void> run() override { co_return; }
  void stop() override {}
  using endpoint_source::publish;
  using endpoint_source::publish_failure;
};

endpoint nobody() {
  const test_server gone(test_server::read_to_end);
  return gone.at();
}

/// Sends a byte and waits for it to come back.
task<endpoint> echo_once(attempt* a) {
  auto& over = **a->over;
  char byte = 'x';
  const auto [unsent, sent] = co_await asio::async_write(over, asio::buffer(&byte, 1), as_value);
  if (unsent) co_return failure(from_code(unsent, "write"));
  const auto [unread, got] = co_await over.async_read_some(asio::buffer(&byte, 1), as_value);
  if (unread) co_return failure(from_code(unread, "read"));
  a->response_byte_seen = true;
  a->over->keep();
  co_return over.remote();
}

class cluster_test : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& c : made_) c->stop();
    made_.clear();
    io_.stop();
  }

  std::shared_ptr<cluster> make(std::shared_ptr<endpoint_source> source,
                                cluster_settings settings = {},
                                std::shared_ptr<capacity> room = {}) {
    settings.random = seeded_random(7);
    auto made = cluster::make(io_.executor(), std::move(source), std::move(settings), room).value();
    made_.push_back(made);
    io_.spawn(made->run());
    return made;
  }

  result<cluster_lease> acquire(const std::shared_ptr<cluster>& from, duration within = 5s) {
    return io_.await(from->acquire({.deadline = clock::now() + within}));
  }

  result<endpoint> echo(const std::shared_ptr<cluster>& over, bool idempotent = true) {
    return io_.await(
        over->call<endpoint>({.deadline = clock::now() + 5s, .idempotent = idempotent}, echo_once));
  }

  test_io io_{2};
  std::vector<std::shared_ptr<cluster>> made_;
};

TEST_F(cluster_test, shares_calls_between_the_servers_and_reuses_connections) {
  const test_server one(test_server::echo);
  const test_server two(test_server::echo);
  const auto c = make(static_source({{one.at()}, {two.at()}}));
  std::map<endpoint, int> calls;
  for (int i = 0; i < 200; ++i) ++calls[echo(c).value()];
  EXPECT_GT(calls[one.at()], 60);
  EXPECT_GT(calls[two.at()], 60);
  EXPECT_EQ(one.accepted() + two.accepted(), 2);
  const auto m = c->metrics();
  EXPECT_EQ(m.calls, 200U);
  EXPECT_EQ(m.attempts, 200U);
  EXPECT_EQ(m.retries, 0U);
  EXPECT_EQ(m.connections, 2U);
  ASSERT_EQ(m.endpoints.size(), 2U);
  EXPECT_EQ(m.endpoints[0].succeeded + m.endpoints[1].succeeded, 200U);
  EXPECT_EQ(m.endpoints[0].pending, 0U);
  EXPECT_EQ(m.endpoints[0].ports_left, m.endpoints[0].ports - 1);
}

TEST_F(cluster_test, goes_to_another_server_when_one_refuses_and_leaves_it_alone_then) {
  const test_server good(test_server::echo);
  const auto bad = nobody();
  const auto c = make(static_source({{good.at()}, {bad}}));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(echo(c, false).value(), good.at());
  const auto m = c->metrics();
  EXPECT_LE(m.failovers, 1U);
  EXPECT_EQ(m.ejections, 1U);
  EXPECT_EQ(m.retries, 0U) << "nothing was sent, so nothing was retried";
}

TEST_F(cluster_test, says_why_when_every_server_refuses) {
  const auto c = make(static_source({{nobody()}, {nobody()}}), {.name = "search"});
  const auto got = echo(c);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::refused);
  EXPECT_TRUE(got.error().what.starts_with("cluster 'search': connect ")) << got.error().what;
  EXPECT_NE(got.error().what.find("Connection refused"), std::string::npos) << got.error().what;
}

TEST_F(cluster_test, fails_at_once_when_told_to_and_the_source_cannot_be_asked) {
  const auto source = std::make_shared<told_source>();
  const auto c = make(source, {.name = "search", .fail_while_unknown = true});
  source->publish_failure({.code = errc::unavailable, .what = "no such name", .hint = {}});
  const auto began = clock::now();
  const auto got = acquire(c, 60s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, "cluster 'search': no endpoint is known: no such name");
  EXPECT_LT(clock::now() - began, 30s);
}

TEST_F(cluster_test, waits_for_the_first_set_of_endpoints) {
  const test_server server(test_server::echo);
  const auto source = std::make_shared<told_source>();
  const auto c = make(source, {.name = "search"});
  source->publish_failure({.code = errc::unavailable, .what = "no ensemble", .hint = {}});
  const auto early = acquire(c, 50ms);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().what, "cluster 'search': no endpoint is known: no ensemble");
  auto waiting = std::async(std::launch::async, [&] { return echo(c); });
  std::this_thread::sleep_for(50ms);
  source->publish({{server.at()}});
  EXPECT_TRUE(waiting.get());
  source->publish({});
  const auto none = acquire(c);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what, "cluster 'search': no endpoint is known");
}

TEST_F(cluster_test, a_server_that_appears_gets_its_share_and_one_that_leaves_finishes) {
  const test_server one(test_server::echo);
  const test_server two(test_server::echo);
  const auto source = std::make_shared<told_source>();
  source->publish({{one.at()}});
  const auto c = make(source);
  auto held = acquire(c).value();
  EXPECT_EQ(held.to(), one.at());

  source->publish({{two.at()}});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(echo(c).value(), two.at());
  EXPECT_FALSE(held->is_shut_down());
  EXPECT_EQ(c->metrics().endpoints.size(), 2U);
  EXPECT_TRUE(c->metrics().endpoints[0].leaving);
  held.over().keep();
  held.give_back(call_outcome::ok);
  EXPECT_TRUE(soon([&] { return c->metrics().endpoints.size() == 1; }));
  EXPECT_EQ(c->metrics().gone.leases, 1U);
  EXPECT_EQ(c->metrics().connections, 1U);
}

TEST_F(cluster_test, callers_that_wait_for_a_server_that_leaves_go_to_another) {
  const test_server one(test_server::echo);
  const test_server two(test_server::echo);
  const auto source = std::make_shared<told_source>();
  source->publish({{one.at()}});
  const auto c = make(source, {.pool = {.limits = {.connections_max = 1}}});
  const auto held = acquire(c).value();
  auto waiting = std::async(std::launch::async, [&] { return echo(c); });
  EXPECT_TRUE(soon([&] { return c->metrics().endpoints[0].waiting == 1; }));
  source->publish({{two.at()}});
  EXPECT_EQ(waiting.get().value(), two.at());
}

TEST_F(cluster_test, an_idempotent_call_is_tried_again_elsewhere_and_another_one_is_not) {
  const test_server good(test_server::echo);
  // Takes the request and ends the connection without an answer.
  const test_server bad([](int socket) {
    char byte = 0;
    (void)!::read(socket, &byte, 1);
  });
  const auto c = make(static_source({{good.at()}, {bad.at()}}),
                      {.balance = {.policy = balance_policy::round_robin},
                       .failures = {.failures_in_a_row_max = 0, .success_rate_min = 0}});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(echo(c).value(), good.at());
  EXPECT_GE(c->metrics().retries, 8U);
  int failed = 0;
  for (int i = 0; i < 20; ++i) failed += echo(c, false) ? 0 : 1;
  EXPECT_GE(failed, 8);
}

TEST_F(cluster_test, the_budget_ends_retries) {
  const test_server bad([](int socket) {
    char byte = 0;
    (void)!::read(socket, &byte, 1);
  });
  const test_server worse([](int socket) {
    char byte = 0;
    (void)!::read(socket, &byte, 1);
  });
  const auto c = make(static_source({{bad.at()}, {worse.at()}}),
                      {.retries = {.unreachable_max = 0s},
                       .retry_budget = {.retries_per_second = 0, .retries_per_call = 0.2}});
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(echo(c));
  const auto m = c->metrics();
  EXPECT_EQ(m.retries, 10U);
  EXPECT_EQ(m.retries_over_budget, 40U);
}

TEST_F(cluster_test, failing_servers_are_ejected_and_probed_and_revived) {
  std::atomic<bool> works{false};
  const test_server one([&](int socket) {
    if (works) test_server::echo(socket);
  });
  const test_server two(test_server::echo);
  std::atomic<int> ejected{0};
  std::atomic<int> revived{0};
  cluster_settings settings;
  settings.failures.dead_first = 100ms;
  settings.failures.dead_max = 200ms;
  settings.events.ejected = [&](const endpoint& to, time_point) {
    EXPECT_EQ(to, one.at());
    ++ejected;
  };
  settings.events.revived = [&](const endpoint& to) {
    EXPECT_EQ(to, one.at());
    ++revived;
  };
  const auto c = make(static_source({{one.at()}, {two.at()}}), settings);
  EXPECT_TRUE(soon([&] {
    EXPECT_TRUE(echo(c));
    return ejected > 0;
  }));
  works = true;
  EXPECT_TRUE(soon([&] {
    EXPECT_TRUE(echo(c));
    return revived == 1;
  }));
}

TEST_F(cluster_test, an_unreachable_server_is_probed_by_a_connect_and_not_by_a_call) {
  cluster_settings settings;
  settings.failures.connect_dead_first = 100ms;
  settings.failures.connect_dead_max = 100ms;
  auto server = std::make_unique<test_server>(test_server::echo);
  const auto at = server->at();
  const test_server other(test_server::echo);
  const auto c = make(static_source({{at}, {other.at()}}), settings);
  server.reset();
  EXPECT_TRUE(soon([&] {
    EXPECT_TRUE(echo(c));
    return c->metrics().ejections > 0;
  }));
  const auto failovers = c->metrics().failovers;
  EXPECT_TRUE(soon([&] {
    EXPECT_TRUE(echo(c));
    return c->metrics().ejections > 3;
  }));
  EXPECT_EQ(c->metrics().failovers, failovers);
}

TEST_F(cluster_test, an_idle_connection_makes_room_for_a_caller_elsewhere) {
  const test_server one(test_server::echo);
  const test_server two(test_server::echo);
  const auto source = std::make_shared<told_source>();
  source->publish({{one.at()}});
  const auto c = make(source, {}, std::make_shared<capacity>(1));
  EXPECT_EQ(echo(c).value(), one.at());
  source->publish({{one.at(), 0}, {two.at()}});
  EXPECT_EQ(echo(c).value(), two.at());
  EXPECT_EQ(c->metrics().evicted, 1U);
  EXPECT_EQ(c->metrics().connections, 1U);
}

TEST_F(cluster_test, a_caller_without_room_goes_on_as_soon_as_a_connection_elsewhere_is_idle) {
  const test_server one(test_server::echo);
  const test_server two(test_server::echo);
  const auto source = std::make_shared<told_source>();
  source->publish({{one.at()}});
  const auto c = make(source, {}, std::make_shared<capacity>(1));
  auto held = acquire(c).value();
  source->publish({{one.at(), 0}, {two.at()}});
  auto waiting = std::async(std::launch::async, [&] { return echo(c); });
  EXPECT_TRUE(soon([&] {
    const auto m = c->metrics();
    return m.endpoints[0].waiting + m.endpoints[1].waiting == 1;
  }));
  held.over().keep();
  const auto returned = clock::now();
  held.give_back(call_outcome::ok);
  EXPECT_EQ(waiting.get().value(), two.at());
  EXPECT_LT(clock::now() - returned, 150ms) << "not by the housekeeping";
}

TEST_F(cluster_test, sends_nothing_once_the_deadline_is_over) {
  const test_server server(test_server::echo);
  const auto c = make(static_source({{server.at()}}), {.name = "search"});
  ASSERT_TRUE(echo(c));
  for (const duration left : {duration(0), duration(-1s), duration(-1h)}) {
    int operations = 0;
    const std::function<task<endpoint>(attempt*)> counted = [&](attempt* a) {
      ++operations;
      return echo_once(a);
    };
    const auto got = io_.await(c->call<endpoint>({.deadline = left}, counted));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::timed_out);
    EXPECT_EQ(got.error().what, "cluster 'search': the deadline was over before anything was sent");
    EXPECT_EQ(operations, 0);
    const auto leased = io_.await(c->acquire({.deadline = left}));
    ASSERT_FALSE(leased);
    EXPECT_EQ(leased.error().code, errc::timed_out);
  }
  EXPECT_TRUE(echo(c));
  EXPECT_EQ(server.accepted(), 1) << "the connection was kept";
}

/// What a call is given that is cancelled after a time; nothing when it throws.
std::optional<error> cancelled_after(duration time, const std::shared_ptr<cluster>& c) {
  asio::io_context io;
  asio::cancellation_signal signal;
  std::optional<result<endpoint>> got;
  asio::co_spawn(
      io, c->call<endpoint>({.deadline = 60s, .idempotent = true}, echo_once),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown, auto given) {
        if (!thrown) got = std::move(given);
      }));
  asio::steady_timer timer(io, time);
  timer.async_wait([&](const auto&) { signal.emit(asio::cancellation_type::terminal); });
  io.run();
  if (!got || *got) return std::nullopt;
  return got->error();
}

TEST_F(cluster_test, a_call_that_is_cancelled_is_given_that_and_nothing_is_thrown) {
  const test_server silent(test_server::read_to_end);
  cluster_settings one{.name = "search"};
  one.pool.limits.connections_max = 1;
  const auto full = make(static_source({{silent.at()}}), one);
  const auto held = acquire(full);
  const auto unknown = make(std::make_shared<told_source>());
  const auto reads = make(static_source({{silent.at()}}));
  const auto began = clock::now();
  for (const auto& c : {full, unknown, reads}) {
    for (const duration time : {duration(0), duration(1ms), duration(20ms)}) {
      const auto why = cancelled_after(time, c);
      ASSERT_TRUE(why);
      EXPECT_EQ(why->code, errc::cancelled) << why->what;
      EXPECT_TRUE(why->what.starts_with("cancelled: ")) << why->what;
    }
  }
  EXPECT_LT(clock::now() - began, 30s);
  EXPECT_EQ(reads->metrics().retries, 0U);
}

TEST_F(cluster_test, an_idempotent_call_outlives_the_restart_of_the_only_server) {
  auto server = std::make_unique<test_server>(test_server::echo);
  const auto at = server->at();
  const auto c = make(static_source({{at}}));
  ASSERT_TRUE(echo(c));
  server.reset();
  EXPECT_FALSE(echo(c, false)) << "no other call waits for that";
  auto call = std::async(std::launch::async, [&] { return echo(c); });
  ASSERT_TRUE(soon([&] { return c->metrics().retries >= 2; }));
  server = std::make_unique<test_server>(test_server::echo, at.port);
  const auto got = call.get();
  EXPECT_TRUE(got) << got.error().what;
}

TEST_F(cluster_test, goes_on_to_another_server_when_one_does_not_answer) {
  const deaf_listener deaf;
  const test_server server(test_server::echo);
  for (int i = 0; i < 4; ++i) {
    const auto c = make(static_source({{deaf.at()}, {server.at()}}));
    const auto got = io_.await(c->call<endpoint>({.deadline = 1500ms}, echo_once));
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(*got, server.at());
  }
}

TEST_F(cluster_test, waits_at_none_that_does_not_answer_while_another_comes_back) {
  const deaf_listener deaf;
  const auto at = nobody();
  const auto c = make(static_source({{deaf.at()}, {at}}), {.pool = {.redial_max = 100ms}});
  auto call = std::async(std::launch::async, [&] { return acquire(c, 10s); });
  std::this_thread::sleep_for(800ms);
  const test_server back(test_server::echo, at.port);
  const auto began = clock::now();
  const auto got = call.get();
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->to(), at);
  EXPECT_LT(clock::now() - began, 5s);
}

TEST_F(cluster_test, says_that_a_server_cannot_be_reached_after_a_while) {
  const auto c = make(static_source({{nobody()}}),
                      {.retries = {.unreachable_max = 100ms, .pause_first = 5ms}});
  const auto got = echo(c);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::refused);
  EXPECT_GE(c->metrics().retries, 2U);
}

TEST_F(cluster_test, reclaims_what_the_ledger_names) {
  const test_server server(test_server::echo);
  const auto c = make(static_source({{server.at()}}));
  const auto leaked = acquire(c).value();
  const auto ledger = c->leases();
  ASSERT_EQ(ledger.size(), 1U);
  EXPECT_EQ(ledger[0].to, server.at());
  EXPECT_TRUE(c->reclaim(ledger[0].to, ledger[0].id));
  EXPECT_FALSE(c->reclaim(ledger[0].to, ledger[0].id));
  EXPECT_TRUE(leaked->is_shut_down());
}

TEST_F(cluster_test, refuses_settings_that_make_no_sense) {
  const auto wrong = [&](cluster_settings settings) {
    return cluster::make(io_.executor(), static_source({}), std::move(settings)).error().what;
  };
  EXPECT_EQ(wrong({.name = "x", .pool = {.limits = {.connections_max = 0}}}),
            "cluster 'x': connections_max is 0, it must be 1 to 65,536");
  EXPECT_EQ(wrong({.name = "x", .retries = {.attempts_max = 0}}),
            "cluster 'x': attempts_max is 0, it must be 1 or more");
}

TEST_F(cluster_test, after_stop_nobody_gets_anything) {
  const test_server server(test_server::echo);
  const auto c = make(static_source({{server.at()}}), {.name = "x"});
  EXPECT_TRUE(echo(c));
  c->stop();
  const auto got = acquire(c);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, "cluster 'x': it was stopped");
}

}  // namespace
}  // namespace waitstate::client
