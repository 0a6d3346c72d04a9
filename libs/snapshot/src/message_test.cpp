#include "waitstate/snapshot/message.h"

#include <set>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(message, every_kind_has_words_of_its_own) {
  std::set<std::string_view> seen;
  for (int k = 0; k <= static_cast<int>(message_kind::tcp_memory); ++k) {
    const auto words = to_string(static_cast<message_kind>(k));
    EXPECT_NE(words, "unknown") << k;
    EXPECT_TRUE(seen.insert(words).second) << words;
  }
}

}  // namespace
}  // namespace waitstate
