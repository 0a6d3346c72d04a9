#include "pool/idle_budget.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

TEST(idle_budget, believes_three_occasions_that_agree_and_undercuts_them) {
  idle_budget b;
  b.peer_closed(5s, start);
  b.peer_closed(5'050ms, start + 10s);
  EXPECT_EQ(b.limit(start + 20s), std::nullopt);
  b.peer_closed(5'020ms, start + 20s);
  EXPECT_EQ(b.limit(start + 20s), 4s);
}

TEST(idle_budget, closes_after_next_to_no_idle_time_teach_nothing) {
  idle_budget b;
  for (int i = 0; i < 5; ++i) b.peer_closed(3ms, start + i * 10s);
  EXPECT_EQ(b.limit(start + 60s), std::nullopt);
}

TEST(idle_budget, closes_that_come_together_are_one_occasion) {
  idle_budget b;
  for (int i = 0; i < 100; ++i) b.peer_closed(3s, start + i * 1ms);
  EXPECT_EQ(b.limit(start + 1s), std::nullopt) << "a restart closes everything";
}

TEST(idle_budget, occasions_that_do_not_agree_teach_nothing) {
  idle_budget b;
  for (int i = 1; i <= 8; ++i) b.peer_closed(i * i * 1s, start + i * 10s);
  EXPECT_EQ(b.limit(start + 90s), std::nullopt);
}

TEST(idle_budget, forgets_what_it_observed_but_not_what_was_stated) {
  idle_budget b;
  for (int i = 0; i < 3; ++i) b.peer_closed(5s, start + i * 10s);
  b.stated(10s);
  EXPECT_EQ(b.limit(start + 20s), 4s) << "the shorter one counts";
  EXPECT_EQ(b.limit(start + 11min), 8s);
}

TEST(idle_budget, the_newest_statement_counts) {
  idle_budget b;
  b.stated(10s);
  b.stated(0s);
  EXPECT_EQ(b.limit(start), 8s);
  b.stated(20s);
  EXPECT_EQ(b.limit(start), 16s);
}

}  // namespace
}  // namespace waitstate::client
