#include "waitstate/client/core/io_threads.h"

#include <gtest/gtest.h>

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
