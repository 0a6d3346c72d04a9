#include "waitstate/base/spelling.h"

#include <vector>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

const std::vector<std::string> commands{"diagnose", "sockets", "explain"};

TEST(spelling, finds_the_word_within_two_edits) {
  EXPECT_EQ(nearest_word("diagnsoe", commands), "diagnose");
  EXPECT_EQ(nearest_word("socket", commands), "sockets");
  EXPECT_EQ(nearest_word("exlain", commands), "explain");
}

TEST(spelling, says_nothing_when_nothing_is_near) {
  EXPECT_EQ(nearest_word("watch", commands), "");
  EXPECT_EQ(nearest_word("", commands), "");
  EXPECT_EQ(nearest_word(std::string(10'000, 'x'), commands), "");
}

}  // namespace
}  // namespace waitstate
