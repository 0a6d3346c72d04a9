#include "waitstate/snapshot/message.h"

#include <set>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(message, every_kind_has_words_of_its_own) {
  std::set<std::string_view> seen;
  for (int k = 0; k <= static_cast<int>(message_kind::limit_reached); ++k) {
    const auto words = to_string(static_cast<message_kind>(k));
    EXPECT_NE(words, "unknown") << k;
    EXPECT_TRUE(seen.insert(words).second) << words;
  }
}

TEST(message, every_kind_reads_back) {
  for (const auto value : all_message_kinds)
    EXPECT_EQ(parse_message_kind(to_string(value)), value) << to_string(value);
  EXPECT_EQ(all_message_kinds.size(), static_cast<std::size_t>(message_kind::limit_reached) + 1);
  EXPECT_EQ(parse_message_kind("unknown"), std::nullopt);
}

}  // namespace
}  // namespace waitstate
