#include "cluster/ended_calls.h"

#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(ended_calls_test, come_out_in_the_order_in_which_they_went_in) {
  ended_calls calls;
  EXPECT_FALSE(calls.take());
  for (std::uint64_t round = 0; round < 3 * ended_calls::size; ++round) {
    ASSERT_TRUE(calls.put({.server = round, .latency = duration(round + 1), .at = {}}));
    ASSERT_TRUE(calls.put({.server = round + 1000, .latency = duration{}, .at = {}}));
    const auto first = calls.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->server, round);
    EXPECT_EQ(first->latency, duration(round + 1));
    EXPECT_EQ(calls.take()->server, round + 1000);
    EXPECT_FALSE(calls.take());
  }
}

TEST(ended_calls_test, take_no_more_than_there_is_place_for) {
  ended_calls calls;
  for (std::size_t i = 0; i < ended_calls::size; ++i) ASSERT_TRUE(calls.put({.server = i}));
  EXPECT_FALSE(calls.put({.server = 999}));
  EXPECT_EQ(calls.take()->server, 0U);
  EXPECT_TRUE(calls.put({.server = 1000}));
  EXPECT_FALSE(calls.put({.server = 1001}));
}

TEST(ended_calls_test, loses_and_doubles_none_when_many_put_at_once) {
  constexpr std::uint64_t each = 20'000;
  ended_calls calls;
  std::vector<std::thread> putting;
  for (std::uint64_t server = 0; server < 3; ++server) {
    putting.emplace_back([&calls, server] {
      for (std::uint64_t i = 1; i <= each; ++i) {
        while (!calls.put({.server = server, .latency = duration(i), .at = {}})) {
          std::this_thread::yield();
        }
      }
    });
  }
  std::vector<std::uint64_t> last(3, 0);
  for (std::uint64_t taken = 0; taken < 3 * each;) {
    const auto one = calls.take();
    if (!one) {
      std::this_thread::yield();
      continue;
    }
    ++taken;
    // Those of one thread stay in order.
    ASSERT_EQ(static_cast<std::uint64_t>(one->latency.count()), ++last.at(one->server));
  }
  for (auto& thread : putting) thread.join();
  EXPECT_FALSE(calls.take());
}

}  // namespace
}  // namespace waitstate::client
