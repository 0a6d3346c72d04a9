#include "reading/seen_ids.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(seen_ids, knows_what_it_met) {
  seen_ids ids;
  EXPECT_FALSE(ids.contains(0));
  for (std::uint64_t id = 0; id < 10'000; ++id) EXPECT_FALSE(ids.meet(id * id)) << id;
  EXPECT_EQ(ids.size(), 10'000U);
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    EXPECT_TRUE(ids.contains(id * id)) << id;
    EXPECT_TRUE(ids.meet(id * id)) << id;
  }
  EXPECT_FALSE(ids.contains(2));
  EXPECT_EQ(ids.size(), 10'000U);
}

TEST(seen_ids, takes_no_more_past_its_bound) {
  seen_ids ids;
  for (std::uint64_t id = 1; id <= seen_ids::ids_max; ++id) ids.meet(id);
  EXPECT_FALSE(ids.meet(seen_ids::ids_max + 1));
  EXPECT_FALSE(ids.contains(seen_ids::ids_max + 1));
  EXPECT_TRUE(ids.contains(7));
}

}  // namespace
}  // namespace waitstate::paste
