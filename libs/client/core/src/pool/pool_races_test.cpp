// What a pool has to keep together: threads that race, peers that close at the wrong moment, modes
// that leave no room.
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/base/fd.h"
#include "waitstate/client/core/pool.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class pool_races_test : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& p : made_) p->stop();
    made_.clear();
    io_.stop();
  }

  std::shared_ptr<pool> make(const endpoint& to, pool_settings settings = {}) {
    auto made = pool::make(io_.executor(), to, std::move(settings), room_).value();
    made_.push_back(made);
    io_.spawn(made->run());
    return made;
  }

  result<lease> acquire(const std::shared_ptr<pool>& from, duration within = 5s) {
    return io_.await(from->acquire({.deadline = clock::now() + within}));
  }

  capacity room_;
  test_io io_{4};
  std::vector<std::shared_ptr<pool>> made_;
};

TEST_F(pool_races_test, no_grant_is_lost_between_threads) {
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at(), {.limits = {.connections_max = 2}});
  std::atomic<int> granted{0};
  const auto began = clock::now();
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      for (int turn = 0; turn < 250; ++turn) {
        auto got = acquire(p, 20s);
        if (!got) continue;
        ++granted;
        got->keep();
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(granted, 2000);
  // A grant that came before its wait began would show up only at the deadline.
  EXPECT_LT(clock::now() - began, 15s);
  EXPECT_LE(server.accepted(), 2);
}

TEST_F(pool_races_test, a_fin_while_leased_or_on_the_way_back_leaves_nothing_idle) {
  const test_server server([](int socket) {
    std::this_thread::sleep_for(1ms);
    ::shutdown(socket, SHUT_WR);
    test_server::read_to_end(socket);
  });
  const auto p = make(server.at(), {.limits = {.connections_max = 8}});
  int leased = 0;
  for (int i = 0; i < 200; ++i) {
    auto got = acquire(p);
    if (!got) continue;  // the server was quicker, three times in a row
    ++leased;
    if (i % 2 == 0) std::this_thread::sleep_for(1ms);
    got->keep();
  }
  EXPECT_GT(leased, 50);
  EXPECT_TRUE(soon([&] { return p->metrics().connections == 0; }));
}

TEST_F(pool_races_test, a_greeting_that_never_ends_is_ended_and_one_that_throws_is_a_failure) {
  const test_server server(test_server::read_to_end);
  pool_settings settings{.dial = {.connect_time_max = 100ms}};
  settings.prepare = [](connection_ptr made, time_point) -> task<> {
    char byte = 0;
    const auto [code, got] = co_await made->async_read_some(asio::buffer(&byte, 1), as_value);
    if (code) co_return failure(from_code(code, "read"));
    co_return result<>{};
  };
  const auto stuck = make(server.at(), settings);
  const auto began = clock::now();
  EXPECT_FALSE(acquire(stuck));
  EXPECT_LT(clock::now() - began, 2s);

  settings.prepare = [](connection_ptr, time_point) -> task<> {
    throw std::runtime_error("no such greeting");
    co_return result<>{};
  };
  const auto thrown = acquire(make(server.at(), settings));
  ASSERT_FALSE(thrown);
  EXPECT_NE(thrown.error().what.find("no such greeting"), std::string::npos) << thrown.error().what;
}

TEST_F(pool_races_test, everybody_is_told_at_once_when_nothing_is_left_to_wait_for) {
  endpoint nobody;
  {
    const test_server gone(test_server::read_to_end);
    nobody = gone.at();
  }
  const auto p = make(nobody, {.limits = {.connections_max = 1}, .redial_first = 10s});
  std::vector<std::future<result<lease>>> waiting;
  const auto began = clock::now();
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(std::async(std::launch::async, [&] { return acquire(p, 1s); }));
  }
  for (auto& w : waiting) EXPECT_FALSE(w.get());
  EXPECT_LT(clock::now() - began, 5s);
}

TEST_F(pool_races_test, drain_sends_away_whoever_waits) {
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at(), {.limits = {.connections_max = 1}});
  const auto held = acquire(p);
  auto waiting = std::async(std::launch::async, [&] { return acquire(p, 20s); });
  EXPECT_TRUE(soon([&] { return p->metrics().waiting == 1; }));
  const auto began = clock::now();
  p->drain();
  EXPECT_FALSE(waiting.get());
  EXPECT_LT(clock::now() - began, 5s);
}

TEST_F(pool_races_test, one_connection_at_a_time) {
  std::atomic<int> open{0};
  std::atomic<int> most{0};
  const test_server server([&](int socket) {
    const int now = ++open;
    if (now > most) most = now;
    test_server::read_to_end(socket);
    --open;
  });
  const auto p = make(server.at(), {.limits = {.connections_max = 1}});
  std::vector<std::future<bool>> callers;
  for (int i = 0; i < 8; ++i) {
    callers.push_back(std::async(std::launch::async, [&] {
      auto got = acquire(p);
      if (got) got->keep();
      return got.has_value();
    }));
  }
  for (auto& caller : callers) EXPECT_TRUE(caller.get());
  EXPECT_TRUE(soon([&] { return server.accepted() == 1 && most == 1; }));
}

TEST_F(pool_races_test, no_pooling_keeps_nothing_not_even_a_late_dial) {
  const test_server server(test_server::read_to_end);
  pool_settings settings{.limits = {.connections_max = 4, .idle_max = 0}};
  settings.prepare = [](connection_ptr made, time_point) -> task<> {
    asio::steady_timer slow(made->get_executor(), 50ms);
    co_await slow.async_wait(as_value);
    co_return result<>{};
  };
  const auto p = make(server.at(), settings);
  for (int i = 0; i < 3; ++i) {
    auto got = acquire(p);
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->is_reused());
    got->keep();
  }
  EXPECT_EQ(p->metrics().connections, 0U);
  // The dial of a caller that gave up ends with nobody waiting.
  EXPECT_FALSE(acquire(p, 5ms));
  EXPECT_EQ(p->metrics().connections, 1U);
  p->prewarm(2);
  EXPECT_TRUE(soon([&] { return p->metrics().connections == 0; }));
  EXPECT_EQ(p->metrics().idle, 0U);
}

TEST_F(pool_races_test, an_idle_limit_that_the_server_states_is_undercut) {
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at());
  acquire(p).value().keep();
  {
    auto got = acquire(p).value();
    got.keep();
  }
  EXPECT_EQ(p->metrics().idle, 1U);
  EXPECT_EQ(p->idle_limit_learned(), std::nullopt);
  p->learn_idle_limit(200ms);
  EXPECT_EQ(p->idle_limit_learned(), 160ms);
  EXPECT_TRUE(soon([&] { return p->metrics().idle == 0; }));
  EXPECT_TRUE(soon([&] { return p->closes().first > 0; }));
  EXPECT_EQ(p->closes().by_reset, 0U) << "orderly unless asked for";
}

TEST_F(pool_races_test, where_resets_are_wanted_every_close_is_one) {
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at(), {.expire_with = close_how::reset});
  acquire(p).value().keep();
  p->drain();  // an idle one
  EXPECT_TRUE(soon([&] { return p->closes().by_reset == 1; }));
  const auto other = make(server.at(), {.expire_with = close_how::reset});
  static_cast<void>(acquire(other).value());  // given back as one that cannot be used again
  EXPECT_TRUE(soon([&] { return other->closes().by_reset == 1; }));
  EXPECT_EQ(p->closes().first + other->closes().first, 0U);
}

/// Fails `failures` times, as a server does that hangs up on the greeting.
task<> greet_after(std::shared_ptr<std::atomic<int>> tries, int failures, errc code) {
  if (++*tries > failures) co_return result<>();
  co_return failure({.code = code, .what = "it hung up", .hint = {}});
}

/// No descriptor can be opened while it lives.
class no_descriptors {
 public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const fd next(::dup(0));
    auto less = before_;
    less.rlim_cur = static_cast<rlim_t>(next.get());
    ::setrlimit(RLIMIT_NOFILE, &less);
  }
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(pool_races_test, calls_end_by_their_deadline_while_there_is_no_descriptor_and_go_on_after) {
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at(), {.limits = {.connections_max = 8}});
  const auto held = acquire(p);  // something is out that could come back: who waits goes on waiting
  ASSERT_TRUE(held);
  {
    const no_descriptors shortage;
    const auto late = acquire(p, 700ms);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errc::timed_out);
    EXPECT_EQ(late.error().cause, std::errc::too_many_files_open);
    EXPECT_NE(late.error().what.find("Too many open files"), std::string::npos)
        << late.error().what;
    EXPECT_LT(p->metrics().counts.dials, 50U) << "it dials again and again";
  }
  EXPECT_TRUE(acquire(p, 5s)) << "the cause has ended";
}

TEST_F(pool_races_test, a_greeting_that_is_not_understood_is_tried_on_one_more_connection) {
  const test_server server(test_server::read_to_end);
  const auto tries_until_leased = [&](int failures, errc code) {
    const auto tries = std::make_shared<std::atomic<int>>(0);
    pool_settings settings;
    settings.redial_first = 1h;
    settings.prepare = [=](connection_ptr, time_point) {
      return greet_after(tries, failures, code);
    };
    const auto got = acquire(make(server.at(), settings), 2s);
    return got ? tries->load() : -tries->load();
  };
  EXPECT_EQ(tries_until_leased(1, errc::unsupported), 2);
  EXPECT_EQ(tries_until_leased(2, errc::unsupported), -2);
  EXPECT_EQ(tries_until_leased(1, errc::unavailable), -1);
}

TEST_F(pool_races_test, a_server_that_hangs_up_at_once_gets_no_storm_of_connections) {
  const test_server server([](int) {});
  std::atomic<int> failures{0};
  pool_settings settings;
  settings.events.dial_failed = [&](const error&) { ++failures; };
  settings.prepare = [](connection_ptr made, time_point) -> task<> {
    asio::steady_timer pause(made->get_executor());
    while (made->peek() != connection::pending::end) {
      pause.expires_after(1ms);
      co_await pause.async_wait(as_value);
    }
    co_return result<>{};
  };
  const auto p = make(server.at(), settings);
  const auto got = acquire(p);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().what.find("hangs up at once"), std::string::npos) << got.error().what;
  EXPECT_EQ(p->metrics().counts.dials, 3U);
  EXPECT_EQ(failures, 1);
}

TEST_F(pool_races_test, callbacks_that_throw_cost_nothing) {
  const auto complain = [](auto&&...) { throw std::runtime_error("the owner's own trouble"); };
  pool_settings settings{.limits = {.connections_max = 1}, .leak_report_after = 1ms};
  settings.events = {.leaked = complain,
                     .came_back = complain,
                     .reclaimed = complain,
                     .connected = complain,
                     .dial_failed = complain};
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at(), settings);
  for (int i = 0; i < 2; ++i) {
    auto got = acquire(p);
    ASSERT_TRUE(got);
    std::this_thread::sleep_for(300ms);                  // reported as leaked
    EXPECT_EQ(i == 1 && p->reclaim(got->id()), i == 1);  // the first comes back after all
  }
  auto held = acquire(p);
  ASSERT_TRUE(held);
  (*held)->set_deadline(clock::now());
  EXPECT_TRUE(soon([&] { return (*held)->is_shut_down(); })) << "the housekeeping goes on";

  endpoint nobody;
  {
    const test_server gone(test_server::read_to_end);
    nobody = gone.at();
  }
  const auto unreachable = make(nobody, settings);
  EXPECT_FALSE(acquire(unreachable, 100ms));
  EXPECT_TRUE(soon([&] { return unreachable->metrics().connections == 0; }));
}

TEST_F(pool_races_test, a_deadline_outlives_stop) {
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at());
  const auto held = acquire(p);
  ASSERT_TRUE(held);
  (*held)->set_deadline(clock::now() + 200ms);
  p->stop();
  EXPECT_TRUE(soon([&] { return (*held)->is_shut_down(); }));
}

}  // namespace
}  // namespace waitstate::client
