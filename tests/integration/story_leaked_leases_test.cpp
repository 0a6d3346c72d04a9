// An HTTP-like pool of 400 connections whose leases are all leaked, to a server that then closes
// them: the team's only remedy was to close the whole pool from a scheduled task.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t pool_size = 400;
constexpr std::uint32_t healthy_leases = 20;
constexpr auto grace = 1s;

std::vector<lease> forgotten;  // what the buggy program holds and never gives back
std::uint32_t leaking_line = 0;

void leak_one(io_threads& background, const std::shared_ptr<pool>& from) {
  leaking_line = __LINE__ + 1;
  auto got = background.wait(from->acquire({.deadline = clock::now() + 10s}));
  ASSERT_TRUE(got) << got.error().what;
  forgotten.push_back(*std::move(got));
}

task<std::string> ask(connection_ptr over, std::string question) {
  const auto sent = asio::buffer(question);
  if (auto [code, n] = co_await asio::async_write(*over, sent, as_value); code) {
    co_return failure(from_code(code, "write"));
  }
  std::string got(question.size(), '\0');
  const auto into = asio::buffer(got);
  if (auto [code, n] = co_await asio::async_read(*over, into, as_value); code) {
    co_return failure(from_code(code, "read"));
  }
  over->touch(clock::now());
  co_return got;
}

task<> stand_in_line(std::shared_ptr<pool> at, std::size_t place,
                     std::shared_ptr<std::vector<std::size_t>> served) {
  acquire_options wanted{.deadline = clock::now() + 20s};
  auto got = co_await at->acquire(wanted);
  if (!got) co_return failure(got.error());
  served->push_back(place);  // one background thread: nobody else does so at the same time
  got->keep();
  co_return result<>();
}

struct reports {
  std::mutex lock;
  std::vector<ledger_entry> leaked;
  std::vector<ledger_entry> reclaimed;
  int came_back = 0;
};

pool_settings settings_that_tell(const std::shared_ptr<reports>& told) {
  pool_settings settings;
  settings.limits.connections_max = pool_size;
  settings.limits.idle_max = pool_size;
  settings.reclaim.after_peer_closed = grace;
  settings.leak_report_after = 200ms;
  settings.events.leaked = [told](const ledger_entry& e) {
    const std::scoped_lock held(told->lock);
    told->leaked.push_back(e);
  };
  settings.events.came_back = [told](const ledger_entry&) {
    const std::scoped_lock held(told->lock);
    ++told->came_back;
  };
  settings.events.reclaimed = [told](const ledger_entry& e, reclaim_reason) {
    const std::scoped_lock held(told->lock);
    told->reclaimed.push_back(e);
  };
  return settings;
}

TEST(story, four_hundred_leaked_leases_come_back_and_only_those) {
  std::atomic<int> accepted{0};
  std::atomic<bool> close_the_leaked{false};
  const test_server server([&](int socket) {
    // The first 20 are the healthy ones: they are answered for as long as they ask.
    const int number = ++accepted;
    if (number <= static_cast<int>(healthy_leases)) return test_server::echo(socket);
    if (number > static_cast<int>(pool_size)) return test_server::echo(socket);
    while (!close_the_leaked) std::this_thread::sleep_for(5ms);
    test_server::half_close(socket);
  });

  capacity unlimited;
  io_threads background;  // ends before what its pools share
  const auto told = std::make_shared<reports>();
  auto made = pool::make(background.executor(), server.at(), settings_that_tell(told), unlimited);
  ASSERT_TRUE(made) << made.error().what;
  const auto p = *made;
  background.run(p->run(), [p] { p->stop(); });

  std::vector<lease> healthy;
  for (std::uint32_t i = 0; i < healthy_leases; ++i) {
    auto got = background.wait(p->acquire({.deadline = clock::now() + 10s}));
    ASSERT_TRUE(got) << got.error().what;
    ASSERT_TRUE(soon([&] { return accepted == static_cast<int>(i) + 1; }));
    healthy.push_back(*std::move(got));
  }
  while (forgotten.size() < pool_size - healthy_leases) leak_one(background, p);
  ASSERT_EQ(p->metrics().leased, pool_size);
  ASSERT_TRUE(soon([&] { return accepted == static_cast<int>(pool_size); }));

  // Whoever comes now waits, in this order.
  const auto served = std::make_shared<std::vector<std::size_t>>();
  std::vector<std::future<result<>>> waiters;
  for (std::size_t i = 0; i < 50; ++i) {
    waiters.push_back(
        asio::co_spawn(background.executor(), stand_in_line(p, i, served), asio::use_future));
    ASSERT_TRUE(soon([&] { return p->metrics().waiting == i + 1; }));
  }

  close_the_leaked = true;
  const auto closed_at = clock::now();
  for (auto& waiter : waiters) {
    const auto got = waiter.get();
    ASSERT_TRUE(got) << got.error().what;
  }
  EXPECT_TRUE(std::ranges::is_sorted(*served));
  const auto served_after = clock::now() - closed_at;
  EXPECT_LT(served_after, grace + 2s);

  // Every leaked lease is taken back, no healthy one.
  EXPECT_TRUE(soon([&] { return p->metrics().counts.reclaims == pool_size - healthy_leases; }));
  EXPECT_LE(p->metrics().leased, healthy_leases);
  for (auto& h : healthy) {
    EXPECT_FALSE(h.is_reclaimed());
    const auto answered = background.wait(ask(h.shared(), "still here?"));
    ASSERT_TRUE(answered) << answered.error().what;
    EXPECT_EQ(*answered, "still here?");
    h.keep();
  }

  // The report names the line that leaked.
  {
    const std::scoped_lock held(told->lock);
    EXPECT_EQ(told->reclaimed.size(), pool_size - healthy_leases);
    for (const auto& e : told->reclaimed) {
      EXPECT_EQ(e.where.line(), leaking_line);
      EXPECT_THAT(to_string(e), testing::HasSubstr("story_leaked_leases_test.cpp"));
      EXPECT_THAT(to_string(e), testing::HasSubstr("the peer has closed"));
    }
    const auto from_the_line = std::ranges::count_if(
        told->leaked, [](const auto& e) { return e.where.line() == leaking_line; });
    EXPECT_EQ(from_the_line, pool_size - healthy_leases);  // once each
  }

  // A late use fails, a late return harms nobody: each of these holds its own descriptor still.
  const auto late = background.wait(ask(forgotten.front().shared(), "anybody?"));
  ASSERT_FALSE(late);
  EXPECT_TRUE(forgotten.front().is_reclaimed());
  healthy.clear();
  auto fresh = background.wait(p->acquire({.deadline = clock::now() + 5s}));
  ASSERT_TRUE(fresh) << fresh.error().what;
  forgotten.clear();
  EXPECT_EQ(p->metrics().counts.late_returns, pool_size - healthy_leases);
  const auto answered = background.wait(ask(fresh->shared(), "untouched"));
  ASSERT_TRUE(answered) << answered.error().what;
  fresh->keep();
  fresh->give_back();

  const auto counts = p->metrics().counts;
  EXPECT_EQ(counts.leases, counts.returns + counts.reclaims);
  EXPECT_EQ(p->metrics().leased, 0U);
}

}  // namespace
}  // namespace waitstate::client
