#include "pool/idle_list.h"

#include <chrono>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint32_t> oldest_first(const idle_list& list) {
  std::vector<std::uint32_t> all;
  for (auto at = list.oldest(); at != idle_list::none; at = list.newer_than(at)) all.push_back(at);
  return all;
}

TEST(idle_list, gives_the_newest_and_knows_the_oldest) {
  idle_list list(4);
  EXPECT_EQ(list.newest(), idle_list::none);
  EXPECT_EQ(list.oldest(), idle_list::none);
  const time_point t(1h);
  list.put(2, t);
  list.put(0, t + 1s);
  list.put(3, t + 2s);
  EXPECT_EQ(list.newest(), 3U);
  EXPECT_EQ(list.oldest(), 2U);
  EXPECT_EQ(list.since(0), t + 1s);
  list.take(0);
  EXPECT_EQ(oldest_first(list), (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(list.size(), 2U);
}

TEST(idle_list, puts_one_back_where_it_was) {
  idle_list list(3);
  const time_point t(1h);
  for (std::uint32_t at = 0; at < 3; ++at) list.put(at, t + at * 1s);
  for (std::uint32_t at = 0; at < 3; ++at) {
    list.take(at);
    list.put(at, list.since(at));
    EXPECT_EQ(oldest_first(list), (std::vector<std::uint32_t>{0, 1, 2})) << at;
  }
}

TEST(idle_list, stays_in_order_whatever_comes_and_goes) {
  constexpr std::uint32_t slots = 16;
  idle_list list(slots);
  std::mt19937 random(7);
  std::vector<bool> is_in(slots);
  for (int i = 0; i < 20'000; ++i) {
    const auto at = static_cast<std::uint32_t>(random() % slots);
    if (is_in[at]) {
      list.take(at);
    } else {
      list.put(at, time_point(std::chrono::seconds(random() % 100)));
    }
    is_in[at] = !is_in[at];
    const auto all = oldest_first(list);
    ASSERT_EQ(all.size(), list.size());
    for (std::size_t n = 1; n < all.size(); ++n) {
      ASSERT_LE(list.since(all[n - 1]), list.since(all[n]));
    }
    ASSERT_EQ(all.empty() ? idle_list::none : all.back(), list.newest());
  }
}

}  // namespace
}  // namespace waitstate::client
