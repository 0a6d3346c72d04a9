#include "waitstate/client/core/pool.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class pool_test : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& p : made_) p->stop();
    io_.stop();
    if (running_.joinable()) running_.join();
  }

  std::shared_ptr<pool> make(const endpoint& to, pool_settings settings = {}) {
    auto made = pool::make(io_.get_executor(), to, std::move(settings), room_).value();
    made_.push_back(made);
    asio::co_spawn(io_, made->run(), asio::detached);
    if (!running_.joinable()) running_ = std::thread([this] { io_.run(); });
    return made;
  }

  result<lease> acquire(const std::shared_ptr<pool>& from, duration within = 5s,
                        std::source_location where = std::source_location::current()) {
    return asio::co_spawn(io_, from->acquire({.deadline = clock::now() + within, .where = where}),
                          asio::use_future)
        .get();
  }

  /// Waits for something that another thread is about to make true.
  static bool soon(const std::function<bool()>& is_true) {
    for (int i = 0; i < 500; ++i) {
      if (is_true()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  capacity room_;
  asio::io_context io_;
  std::vector<std::shared_ptr<pool>> made_;
  std::thread running_;
};

TEST_F(pool_test, a_kept_connection_is_leased_again_and_a_dropped_one_is_not) {
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at());
  {
    auto first = acquire(p).value();
    EXPECT_FALSE(first.is_reused());
    first.keep();
  }
  {
    EXPECT_TRUE(acquire(p).value().is_reused());
  }
  EXPECT_FALSE(acquire(p).value().is_reused());
  // A connection is made before the server accepts it.
  EXPECT_TRUE(soon([&] { return server.accepted() == 2; }));
}

TEST_F(pool_test, the_ledger_shows_the_stack_of_sampled_leases) {
  const test_server server(test_server::read_to_end);
  pool_settings settings;
  settings.stack_every = 2;
  const auto p = make(server.at(), std::move(settings));
  const auto sampled = acquire(p).value();
  const auto not_sampled = acquire(p).value();
  const auto ledger = p->leases();
  ASSERT_EQ(ledger.size(), 2U);
  ASSERT_TRUE(ledger[0].stack);
  EXPECT_FALSE(ledger[1].stack);
  EXPECT_TRUE(to_string(ledger[0]).ends_with("\n" + ledger[0].stack->to_text()));
}

TEST_F(pool_test, bytes_nobody_asked_for_close_an_idle_connection_at_once) {
  std::atomic<bool> speak{false};
  const test_server server([&](int socket) {
    while (!speak) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(::send(socket, "late", 4, MSG_NOSIGNAL), 4);
    test_server::read_to_end(socket);
  });
  const auto p = make(server.at());
  acquire(p).value().keep();
  EXPECT_EQ(p->metrics().idle, 1U);
  speak = true;
  EXPECT_TRUE(soon([&] { return p->metrics().connections == 0; }));
  EXPECT_EQ(p->closes().unasked, 1U);
}

TEST_F(pool_test, an_answer_on_a_connection_that_was_idle_for_long_is_no_stray_byte) {
  const test_server server(test_server::echo);
  const auto p = make(server.at());
  acquire(p).value().keep();
  std::this_thread::sleep_for(500ms);  // it is watched for bytes by now
  for (int i = 0; i < 3; ++i) {
    auto again = acquire(p).value();
    EXPECT_TRUE(again.is_reused());
    ASSERT_EQ(::send(again->native_handle(), "hello", 5, MSG_NOSIGNAL), 5);
    char answer[5];
    EXPECT_TRUE(soon([&] { return ::recv(again->native_handle(), answer, 5, MSG_DONTWAIT) == 5; }));
    again.keep();
  }
  EXPECT_EQ(p->closes().unasked, 0U);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(pool_test, the_peers_fin_on_an_idle_connection_closes_it_at_once) {
  std::atomic<bool> end{false};
  const test_server server([&](int socket) {
    while (!end) std::this_thread::sleep_for(1ms);
    test_server::half_close(socket);
  });
  const auto p = make(server.at());
  acquire(p).value().keep();
  {
    auto held = acquire(p).value();
    held.keep();
  }
  EXPECT_EQ(p->metrics().idle, 1U);
  end = true;
  EXPECT_TRUE(soon([&] { return p->metrics().connections == 0; }));
}

TEST_F(pool_test, bytes_that_nobody_asked_for_end_a_connection_before_it_is_leased) {
  std::atomic<bool> talk{false};
  std::atomic<bool> talked{false};
  const test_server server([&](int socket) {
    while (!talk) std::this_thread::sleep_for(1ms);
    // On the first connection only.
    if (!talked) (void)::send(socket, "x", 1, MSG_NOSIGNAL);
    talked = true;
    test_server::read_to_end(socket);
  });
  const auto p = make(server.at());
  {
    auto held = acquire(p).value();
    held.keep();
  }
  talk = true;
  EXPECT_TRUE(soon([&] { return talked.load(); }));
  EXPECT_FALSE(acquire(p).value().is_reused());
}

TEST_F(pool_test, says_why_there_was_no_connection) {
  endpoint nobody;
  {
    const test_server gone(test_server::read_to_end);
    nobody = gone.at();
  }
  const auto p = make(nobody);
  const auto refused = acquire(p);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::refused);
  const auto name = to_string(nobody);
  EXPECT_EQ(refused.error().what, "connect " + name + ": Connection refused (pool '" + name +
                                      "': 0 of 64 in use, 0 wait)");

  const test_server server(test_server::read_to_end);
  const auto small = make(server.at(), {.limits = {.connections_max = 1}});
  const auto held = acquire(small);
  const auto late = acquire(small, 100ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, errc::timed_out);
  EXPECT_NE(late.error().what.find("1 of 1 in use"), std::string::npos) << late.error().what;
}

TEST_F(pool_test, leaked_leases_are_reclaimed_once_the_peer_closed_and_waiters_proceed) {
  std::atomic<bool> end{false};
  std::atomic<int> accepted{0};
  const test_server server([&](int socket) {
    if (++accepted > 20) return test_server::read_to_end(socket);
    while (!end) std::this_thread::sleep_for(1ms);
    test_server::half_close(socket);
  });
  std::atomic<int> reclaimed{0};
  pool_settings settings{.limits = {.connections_max = 20}};
  settings.reclaim.after_peer_closed = 200ms;
  settings.events.reclaimed = [&](const ledger_entry& entry, reclaim_reason why) {
    EXPECT_EQ(why, reclaim_reason::peer_closed);
    EXPECT_TRUE(entry.peer_closed);
    EXPECT_NE(std::string_view(entry.where.file_name()).find("pool_test"), std::string_view::npos);
    ++reclaimed;
  };
  const auto p = make(server.at(), settings);
  std::vector<lease> leaked;
  for (int i = 0; i < 20; ++i) leaked.push_back(acquire(p).value());
  EXPECT_EQ(p->leases().size(), 20U);
  end = true;
  auto waiter = acquire(p, 5s);
  ASSERT_TRUE(waiter) << waiter.error().what;
  EXPECT_TRUE(soon([&] { return reclaimed >= 20; }));
  for (auto& late : leaked) {
    EXPECT_TRUE(late.is_reclaimed());
    late.keep();
    late.give_back();
  }
  EXPECT_EQ(p->metrics().counts.late_returns, 20U);
}

TEST_F(pool_test, an_operation_past_its_deadline_ends) {
  const test_server server(test_server::read_to_end);
  const auto p = make(server.at());
  auto held = acquire(p).value();
  held->set_deadline(clock::now() + 100ms);
  char byte = 0;
  const auto got = asio::co_spawn(
                       io_,
                       [](connection_ptr c, char* into) -> asio::awaitable<std::size_t> {
                         const auto [code, size] =
                             co_await c->async_read_some(asio::buffer(into, 1), as_value);
                         co_return code ? 0 : size;
                       }(held.shared(), &byte),
                       asio::use_future)
                       .get();
  EXPECT_EQ(got, 0U);
  EXPECT_EQ(held->why_shut_down()->what, "the deadline passed");
}

TEST_F(pool_test, a_lease_that_is_out_for_long_is_reported_once_and_once_more_when_it_returns) {
  const test_server server(test_server::read_to_end);
  std::atomic<int> leaked{0};
  std::atomic<int> came_back{0};
  pool_settings settings{.leak_report_after = 100ms};
  settings.events.leaked = [&](const ledger_entry&) { ++leaked; };
  settings.events.came_back = [&](const ledger_entry&) { ++came_back; };
  const auto p = make(server.at(), settings);
  auto held = acquire(p).value();
  EXPECT_TRUE(soon([&] { return leaked > 0; }));
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(leaked, 1);
  held.keep();
  held.give_back();
  EXPECT_EQ(came_back, 1);
}

TEST_F(pool_test, rebuilds_on_order) {
  const test_server server(test_server::echo);
  const auto p = make(server.at());
  {
    auto held = acquire(p).value();
    held.keep();
  }
  p->rebuild();
  EXPECT_EQ(p->metrics().idle, 0U);
  EXPECT_FALSE(acquire(p).value().is_reused());
}

}  // namespace
}  // namespace waitstate::client
