#include "cluster/retry_budget.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

int take_all(retry_budget& b, time_point now) {
  int taken = 0;
  while (b.take(now)) ++taken;
  return taken;
}

TEST(retry_budget, allows_a_fifth_of_the_calls) {
  retry_budget b({.retries_per_second = 0});
  EXPECT_FALSE(b.take(start));
  for (int i = 0; i < 1000; ++i) b.call_started(start);
  EXPECT_EQ(take_all(b, start), 200);
}

TEST(retry_budget, allows_ten_a_second_without_any_calls) {
  retry_budget b({});
  EXPECT_EQ(take_all(b, start), 100);
  EXPECT_EQ(take_all(b, start + 5s), 0);
  EXPECT_EQ(take_all(b, start + 10s), 100) << "what was taken is forgotten with its window";
}

TEST(retry_budget, forgets_calls_after_the_window) {
  retry_budget b({.retries_per_second = 0});
  for (int i = 0; i < 100; ++i) b.call_started(start);
  EXPECT_NEAR(b.balance(start + 9s), 20, 1e-6);
  EXPECT_NEAR(b.balance(start + 10s), 0, 1e-6);
}

TEST(retry_budget, nothing_allowed_means_nothing) {
  retry_budget b({.retries_per_second = 0, .retries_per_call = 0});
  for (int i = 0; i < 100; ++i) b.call_started(start);
  EXPECT_FALSE(b.take(start));
}

}  // namespace
}  // namespace waitstate::client
