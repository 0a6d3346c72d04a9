#include "guard/descendants.h"

#include <unistd.h>

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::remedy::guard {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(descendants, are_found_however_far_down) {
  const std::vector<parenthood> all{{1, 0}, {7, 5}, {5, 1}, {9, 7}, {8, 7}, {10, 1}};
  EXPECT_THAT(descendants_in(all, 5), UnorderedElementsAre(7, 8, 9));
  EXPECT_THAT(descendants_in(all, 10), IsEmpty());
  EXPECT_THAT(descendants_in({{5, 6}, {6, 5}}, 5), UnorderedElementsAre(6)) << "no circle";
}

TEST(descendants, the_parent_stands_behind_a_name_that_may_be_anything) {
  EXPECT_EQ(parent_in("812 (java) S 1 812"), 1);
  EXPECT_EQ(parent_in("812 (a) S 9 (b) R 44 812"), 44);
  EXPECT_EQ(parent_in("812 (a"), 0);
  EXPECT_EQ(parent_in("812 (a) "), 0);
  EXPECT_EQ(parent_in(""), 0);
}

TEST(descendants, we_are_one_of_our_parent) {
  const auto all = descendants_of(::getppid());
  EXPECT_NE(std::ranges::find(all, ::getpid()), all.end());
}

}  // namespace
}  // namespace waitstate::remedy::guard
