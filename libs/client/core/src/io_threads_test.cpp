#include "waitstate/client/core/io_threads.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>

#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/io_threads_wait.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

task<int> answer_to_everything() {
  co_return 42;
}

task<int> wait_inside(io_threads* own) {
  co_return own->wait(answer_to_everything());
}

TEST(io_threads, waits_for_a_task_on_its_own_threads) {
  io_threads plain;
  EXPECT_EQ(plain.wait(answer_to_everything()), 42);
}

TEST(io_threads, refuses_to_wait_for_itself) {
  io_threads plain;
  const auto got = plain.wait(wait_inside(&plain));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::invalid_input);
}

task<int> wait_for_ever(std::promise<void>* waits) {
  asio::steady_timer never(co_await asio::this_coro::executor, time_point::max());
  waits->set_value();
  co_await never.async_wait(as_value);
  co_return 42;
}

TEST(io_threads, cancels_what_is_under_way_when_it_ends) {
  auto plain = std::make_unique<io_threads>();
  std::promise<void> waits;
  auto call = std::async(std::launch::async,
                         [&waits, &own = *plain] { return own.wait(wait_for_ever(&waits)); });
  waits.get_future().wait();
  plain.reset();
  const auto got = call.get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::cancelled);
}

TEST(io_threads, refuses_to_wait_in_a_child_which_has_none_of_its_threads) {
  io_threads plain;
  const auto child = ::fork();
  if (child == 0) {
    const auto got = plain.wait(answer_to_everything());
    ::_exit(!got && got.error().code == errc::invalid_input && !got.error().hint.empty() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(plain.wait(answer_to_everything()), 42) << "the parent's go on";
}

task<std::thread::id> where_it_runs() {
  // Comes back by the executor's events, as an answer of a server does.
  asio::steady_timer soon_over(co_await asio::this_coro::executor, 10us);
  std::ignore = co_await soon_over.async_wait(as_value);
  co_return std::this_thread::get_id();
}

/// How many of so many waits were run by the thread that waits.
int own_runs(io_threads& on, int waits) {
  int own = 0;
  for (int i = 0; i < waits; ++i) {
    if (on.wait(where_it_runs()) == std::this_thread::get_id()) ++own;
  }
  return own;
}

TEST(io_threads, a_caller_who_is_alone_runs_what_it_waits_for) {
  io_threads plain;
  EXPECT_TRUE(soon([&] { return own_runs(plain, 100) > 80; }));
}

TEST(io_threads, several_threads_run_all_themselves) {
  io_threads plain(2);
  EXPECT_EQ(own_runs(plain, 100), 0);
}

TEST(io_threads, what_nobody_waits_for_goes_on_after_a_caller_was_alone) {
  io_threads plain;
  ASSERT_TRUE(soon([&] { return own_runs(plain, 100) > 80; }));
  auto later = asio::co_spawn(plain.executor(), where_it_runs(), asio::use_future);
  EXPECT_NE(later.get(), std::this_thread::get_id());
}

TEST(io_threads, callers_come_and_go_beside_each_other) {
  io_threads plain;
  std::vector<std::thread> callers;
  std::atomic<int> answered{0};
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&plain, &answered, i] {
      for (int round = 0; round < 300; ++round) {
        if (plain.wait(where_it_runs())) ++answered;
        if (round % 50 == 10 * i) std::this_thread::sleep_for(3ms);
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(answered, 1200);
}

TEST(io_threads, refuses_to_wait_for_itself_on_the_thread_of_a_caller) {
  io_threads plain;
  ASSERT_TRUE(soon([&] { return own_runs(plain, 100) > 80; }));
  for (int i = 0; i < 100; ++i) {
    const auto got = plain.wait(wait_inside(&plain));
    ASSERT_FALSE(got);
    ASSERT_EQ(got.error().code, errc::invalid_input);
  }
}

TEST(io_threads, ends_while_a_caller_runs_it) {
  for (int i = 0; i < 20; ++i) {
    auto plain = std::make_unique<io_threads>();
    std::promise<void> waits;
    auto call = std::async(std::launch::async, [&waits, &own = *plain] {
      own_runs(own, 100);
      return own.wait(wait_for_ever(&waits));
    });
    waits.get_future().wait();
    plain.reset();
    const auto got = call.get();
    ASSERT_FALSE(got);
    ASSERT_EQ(got.error().code, errc::cancelled);
  }
}

TEST(io_threads, may_end_in_a_child_which_has_none_of_its_threads) {
  auto plain = std::make_unique<io_threads>();
  ASSERT_TRUE(soon([&] { return own_runs(*plain, 100) > 80; }));
  const auto child = ::fork();
  if (child == 0) {
    ::alarm(20);
    plain.reset();
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(plain->wait(answer_to_everything()), 42) << "the parent's go on";
}

TEST(io_threads, runs_a_cluster_until_it_ends) {
  const test_server server(test_server::echo);
  io_threads plain;
  auto made = plain.make_cluster(static_source({{.at = server.at()}}), {});
  ASSERT_TRUE(made) << made.error().what;
  const auto got = plain.wait((*made)->acquire({.deadline = clock::now() + 5s}));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->to(), server.at());
}

}  // namespace
}  // namespace waitstate::client
