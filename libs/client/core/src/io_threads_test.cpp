#include "waitstate/client/core/io_threads.h"

#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <memory>

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>

#include "test_server.h"

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
