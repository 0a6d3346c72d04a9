#include "zookeeper_backoff.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

random_source lowest() {
  return [] { return std::uint64_t{0}; };
}

random_source highest() {
  return [] { return ~std::uint64_t{0}; };
}

TEST(zookeeper_backoff, waits_for_the_minimum_at_least) {
  zookeeper_backoff b(1s, 30s, lowest());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(b.next(), 1s);
}

TEST(zookeeper_backoff, grows_threefold_at_most_up_to_the_maximum) {
  zookeeper_backoff b(1s, 20s, highest());
  const auto is_about = [&b](duration expected) {
    const auto next = b.next();
    return next <= expected && next > expected - 1ms;
  };
  EXPECT_TRUE(is_about(3s));
  EXPECT_TRUE(is_about(9s));
  EXPECT_TRUE(is_about(20s));
  EXPECT_TRUE(is_about(20s));
}

TEST(zookeeper_backoff, begins_anew_after_a_success) {
  zookeeper_backoff b(1s, 20s, highest());
  while (b.next() < 19s) {
  }
  b.reset();
  EXPECT_LE(b.next(), 3s);
}

TEST(zookeeper_backoff, a_maximum_under_the_minimum_is_the_minimum) {
  zookeeper_backoff b(2s, 1s, highest());
  EXPECT_EQ(b.next(), 2s);
}

}  // namespace
}  // namespace waitstate::client
