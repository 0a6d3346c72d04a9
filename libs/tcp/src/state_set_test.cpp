#include "waitstate/tcp/state_set.h"

#include <gtest/gtest.h>

namespace waitstate::tcp {
namespace {

TEST(state_set, holds_what_is_put_in) {
  constexpr state_set some{state::listen, state::close_wait};
  EXPECT_TRUE(some.contains(state::listen));
  EXPECT_TRUE(some.contains(state::close_wait));
  EXPECT_FALSE(some.contains(state::time_wait));
  EXPECT_FALSE(some.empty());
  EXPECT_TRUE(state_set().empty());
  for (const auto s : all_states) EXPECT_TRUE(state_set::all().contains(s));
}

TEST(state_set, has_the_bits_of_the_kernel) {
  EXPECT_EQ(state_set{state::established}.bits(), 2U);
  EXPECT_EQ(state_set{state::listen}.bits(), 1U << 10);
  EXPECT_EQ(state_set::all().bits(), 0x3fffU);
}

TEST(state_set, takes_both_kinds_of_a_handshake_that_is_not_finished) {
  EXPECT_TRUE(state_set{state::syn_received}.contains(state::new_syn_received));
  EXPECT_EQ(state_set{state::new_syn_received}, state_set{state::syn_received});
}

TEST(state_set, is_cut_and_joined) {
  const state_set some{state::listen, state::close_wait};
  EXPECT_EQ((some & state_set{state::listen, state::closing}), state_set{state::listen});
  EXPECT_EQ((state_set{state::listen} | state_set{state::close_wait}), some);
}

}  // namespace
}  // namespace waitstate::tcp
