#include "waitstate/snapshot/counts.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(state_counts, adds_up_by_state_and_in_all) {
  state_counts counts;
  counts.add(tcp::state::time_wait, 3);
  counts.add(tcp::state::listen, 1);
  state_counts more;
  more.add(tcp::state::time_wait, 4);
  counts.add_all(more);
  EXPECT_EQ(counts.of(tcp::state::time_wait), 7U);
  EXPECT_EQ(counts.of(tcp::state::close_wait), 0U);
  EXPECT_EQ(counts.total(), 8U);
}

}  // namespace
}  // namespace waitstate
