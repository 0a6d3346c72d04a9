#include "judgement/most_first.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

TEST(most_first, keeps_the_order_of_equals) {
  std::vector<std::string> words{"bb", "a", "cc", "ddd", "e"};
  sort_most_first(words, &std::string::size);
  EXPECT_EQ(words, (std::vector<std::string>{"ddd", "bb", "cc", "a", "e"}));
}

TEST(most_first, moves_what_cannot_be_copied) {
  std::vector<std::unique_ptr<int>> all;
  all.push_back(std::make_unique<int>(1));
  all.push_back(std::make_unique<int>(2));
  sort_most_first(all, [](const auto& one) { return *one; });
  EXPECT_EQ(*all[0], 2);
}

TEST(most_first, has_nothing_to_do_with_nothing) {
  std::vector<int> none;
  sort_most_first(none, [](int n) { return n; });
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
