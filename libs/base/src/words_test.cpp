#include "waitstate/base/words.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(words, what_is_quoted_has_only_printable_bytes) {
  EXPECT_EQ(quotable("GET /a b~"), "GET /a b~");
  EXPECT_EQ(quotable("a\r\nb\tc\x7f"), "a??b?c?");
  EXPECT_EQ(quotable("\xc3\xa9"), "??");
  EXPECT_EQ(quotable({"\0x", 2}), "?x");
  EXPECT_EQ(quotable({}), "");
}

TEST(words, what_is_quoted_is_cut_after_100_bytes) {
  const std::string most(100, 'a');
  EXPECT_EQ(quotable(most), most);
  EXPECT_EQ(quotable(most + "b"), most + "...");
}

}  // namespace
}  // namespace waitstate
