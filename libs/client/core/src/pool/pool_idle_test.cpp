// What a pool does while nobody asks: it keeps connections ready, and finds out whether they are
// well.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/pool.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

task<> ping(connection_ptr over, time_point) {
  const auto [unsent, sent] = co_await asio::async_write(*over, asio::buffer("p", 1), as_value);
  if (unsent) co_return failure(over->why_failed(unsent, "ping"));
  char answer = 0;
  const auto [unread, got] = co_await asio::async_read(*over, asio::buffer(&answer, 1), as_value);
  if (unread) co_return failure(over->why_failed(unread, "ping"));
  co_return result<>{};
}

class pool_idle_test : public testing::Test {
 protected:
  void TearDown() override {
    if (pool_) pool_->stop();
    io_.stop();
  }

  void open(const endpoint& to, pool_settings settings) {
    pool_ = pool::make(io_.executor(), to, std::move(settings), room_).value();
    io_.spawn(pool_->run());
  }

  capacity room_;
  test_io io_{2};
  std::shared_ptr<pool> pool_;
};

TEST_F(pool_idle_test, connections_are_ready_before_anybody_asks_and_again_when_they_go) {
  std::atomic<bool> closes{false};
  std::optional<test_server> server(std::in_place, [&](int socket) {
    while (!closes) std::this_thread::sleep_for(1ms);
    ::shutdown(socket, SHUT_WR);
    test_server::read_to_end(socket);
  });
  const auto at = server->at();
  open(at, {.limits = {.connections_max = 4, .idle_min = 2}, .redial_max = 100ms});
  EXPECT_TRUE(soon([&] { return pool_->metrics().idle == 2; }));
  EXPECT_EQ(pool_->metrics().counts.dials, 2U);

  closes = true;  // all of them, as a server that is restarted does
  server.reset();
  EXPECT_TRUE(soon([&] { return pool_->metrics().idle == 0; }));
  server.emplace(test_server::read_to_end, at.port);
  EXPECT_TRUE(soon([&] { return pool_->metrics().idle == 2; })) << "without a call";
}

TEST_F(pool_idle_test, what_is_idle_at_the_end_is_closed_as_the_settings_say) {
  const test_server server(test_server::read_to_end);
  open(server.at(),
       {.limits = {.connections_max = 4, .idle_min = 2}, .expire_with = close_how::reset});
  ASSERT_TRUE(soon([&] { return pool_->metrics().idle == 2; }));
  pool_->drain();
  EXPECT_TRUE(soon([&] { return pool_->closes().by_reset == 2; }));
  EXPECT_EQ(pool_->closes().first, 0U) << "that would be a TIME-WAIT each";
}

TEST_F(pool_idle_test, one_that_a_caller_took_is_made_up_for) {
  const test_server server(test_server::read_to_end);
  open(server.at(), {.limits = {.connections_max = 4, .idle_min = 2}});
  ASSERT_TRUE(soon([&] { return pool_->metrics().idle == 2; }));
  const auto out = io_.await(pool_->acquire({.deadline = 1s}));
  ASSERT_TRUE(out);
  EXPECT_TRUE(soon([&] { return pool_->metrics().idle == 2; }));
  EXPECT_EQ(pool_->metrics().leased, 1U);
}

TEST_F(pool_idle_test, a_server_that_hangs_loses_its_idle_connections_before_a_call_meets_them) {
  std::atomic<bool> hangs{false};
  std::atomic<int> pings{0};
  const test_server server([&](int socket) {
    char byte = 0;
    while (::read(socket, &byte, 1) == 1) {
      ++pings;
      if (!hangs) send_all(socket, {&byte, 1});
    }
  });
  pool_settings settings{.limits = {.idle_min = 1}, .redial_max = 100ms};
  settings.ping = ping;
  settings.ping_every = 100ms;
  settings.ping_time_max = 100ms;
  open(server.at(), settings);
  EXPECT_TRUE(soon([&] { return pings >= 3; }));
  EXPECT_EQ(pool_->metrics().counts.dials, 1U) << "one that is well stays";
  EXPECT_TRUE(soon([&] { return pool_->metrics().idle == 1; }));
  hangs = true;
  EXPECT_TRUE(soon([&] { return pool_->metrics().counts.checks_failed >= 1; }));
  EXPECT_TRUE(soon([&] { return pool_->metrics().counts.dials >= 2; }));
}

TEST_F(pool_idle_test, what_is_used_is_not_asked) {
  const test_server server(test_server::echo);
  pool_settings settings;
  settings.ping = ping;
  settings.ping_every = 300ms;
  open(server.at(), settings);
  for (int i = 0; i < 40; ++i) {
    auto out = io_.await(pool_->acquire({.deadline = 1s}));
    ASSERT_TRUE(out);
    out->keep();
    out->give_back();
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(pool_->metrics().counts.checks, 0U);
}

TEST_F(pool_idle_test, a_ping_that_throws_is_one_that_failed) {
  const test_server server(test_server::read_to_end);
  pool_settings settings{.limits = {.idle_min = 1}};
  settings.ping = [](connection_ptr, time_point) -> task<> { throw std::runtime_error("no"); };
  settings.ping_every = 50ms;
  open(server.at(), settings);
  EXPECT_TRUE(soon([&] { return pool_->metrics().counts.checks_failed >= 2; }));
}

TEST_F(pool_idle_test, what_throws_no_exception_has_failed_too) {
  const test_server server(test_server::read_to_end);
  pool_settings settings{.limits = {.idle_min = 1}};
  settings.ping = [](connection_ptr, time_point) -> task<> { throw 7; };
  settings.ping_every = 50ms;
  open(server.at(), settings);
  EXPECT_TRUE(soon([&] { return pool_->metrics().counts.checks_failed >= 2; }));
  pool_->stop();

  settings = {};
  settings.prepare = [](connection_ptr, time_point) -> task<> { throw 7; };
  open(server.at(), settings);
  const auto got = io_.await(pool_->acquire({.deadline = 1s}));
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().what.find("it threw something"), std::string::npos) << got.error().what;
}

TEST_F(pool_idle_test, a_few_are_asked_at_once) {
  std::atomic<int> under_way{0};
  std::atomic<int> most{0};
  std::atomic<int> pings{0};
  const test_server server([&](int socket) {
    char byte = 0;
    while (::read(socket, &byte, 1) == 1) {
      most = std::max(most.load(), ++under_way);
      std::this_thread::sleep_for(5ms);
      --under_way;
      ++pings;
      if (!send_all(socket, {&byte, 1})) return;
    }
  });
  pool_settings settings{.limits = {.idle_min = 16}};
  settings.ping = ping;
  settings.ping_every = 300ms;
  settings.ping_time_max = 5s;
  open(server.at(), settings);
  EXPECT_TRUE(soon([&] { return pings >= 32; }));
  EXPECT_LE(most, 4);
  EXPECT_EQ(pool_->metrics().counts.dials, 16U);
}

}  // namespace
}  // namespace waitstate::client
