#include "waitstate/client/core/client.h"

#include <gtest/gtest.h>

#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

task<int> answer_to_everything() {
  co_return 42;
}

task<int> wait_inside(client* own) {
  co_return own->wait(answer_to_everything());
}

TEST(client, waits_for_a_task_on_its_own_threads) {
  client plain;
  EXPECT_EQ(plain.wait(answer_to_everything()), 42);
}

TEST(client, refuses_to_wait_for_itself) {
  client plain;
  const auto got = plain.wait(wait_inside(&plain));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::invalid_input);
}

TEST(client, runs_a_cluster_until_it_ends) {
  const test_server server(test_server::echo);
  client plain;
  auto made = plain.make_cluster(static_source({{.at = server.at()}}), {});
  ASSERT_TRUE(made) << made.error().what;
  const auto got = plain.wait((*made)->acquire({.deadline = clock::now() + 5s}));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->to(), server.at());
}

}  // namespace
}  // namespace waitstate::client
