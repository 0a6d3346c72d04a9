#include "waitstate/render/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waitstate/render/clean.h"

namespace waitstate::render {
namespace {

using testing::ElementsAre;

TEST(columns, counts_what_a_terminal_shows) {
  EXPECT_EQ(columns(""), 0U);
  EXPECT_EQ(columns("abc"), 3U);
  EXPECT_EQ(columns("AB\xc3\x96HREN"), 7U);            // ABÖHREN
  EXPECT_EQ(columns("e\xcc\x81"), 1U);                 // e and a combining acute
  EXPECT_EQ(columns("\xe6\x8e\xa5\xe7\xb6\x9a"), 4U);  // two wide characters
  EXPECT_EQ(columns("\xf0\x9f\x90\xb3"), 2U);          // an emoji
}

TEST(columns, clean_makes_any_bytes_safe_for_a_terminal) {
  EXPECT_EQ(clean("a\tb\r\n"), "a b \n");
  EXPECT_EQ(clean("\x1b[31mred"), " [31mred");
  EXPECT_EQ(clean("\xc2\x9b"
                  "31m"),
            " 31m");  // CSI as one C1 character
  EXPECT_EQ(clean("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(clean("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");                  // an overlong slash
  EXPECT_EQ(clean("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a surrogate
  EXPECT_EQ(clean("\xe2\x82\xac"), "\xe2\x82\xac");
}

TEST(columns, wraps_between_words) {
  EXPECT_THAT(wrap("one two three", 8), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("one two", 7), ElementsAre("one two"));
  EXPECT_THAT(wrap("  one   two ", 20), ElementsAre("one two"));
  EXPECT_THAT(wrap("", 20), ElementsAre(""));
  EXPECT_THAT(wrap("one\n\ntwo\n", 20), ElementsAre("one", "", "two"));
}

TEST(columns, keeps_words_together_over_a_no_break_space) {
  EXPECT_THAT(wrap("one, 2\xc2\xa0two", 8), ElementsAre("one,", "2 two"));
  EXPECT_EQ(clean("2\xc2\xa0two"), "2\xc2\xa0two");
}

TEST(columns, cuts_a_word_that_fits_no_line) {
  EXPECT_THAT(wrap("x abcdefghij", 4), ElementsAre("x", "abcd", "efgh", "ij"));
  EXPECT_THAT(wrap("\xe6\x8e\xa5\xe7\xb6\x9a", 3), ElementsAre("\xe6\x8e\xa5", "\xe7\xb6\x9a"));
}

TEST(columns, pads_and_cuts_by_columns) {
  EXPECT_EQ(left("\xc3\x96", 3), "\xc3\x96  ");
  EXPECT_EQ(right("7", 3), "  7");
  EXPECT_EQ(left("long", 2), "long");
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("abcdefg", 6), "abc...");
}

TEST(columns, splits_lines) {
  EXPECT_THAT(lines_of("a\nb\n"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_TRUE(lines_of("").empty());
}

TEST(clean, takes_characters_away_that_take_no_place) {
  EXPECT_EQ(clean("pay\xe2\x80\x8bpal"), "paypal");
  EXPECT_EQ(clean("a\xc2\xad"
                  "b\xe2\x81\xa0"
                  "c\xf3\xa0\x81\x81"
                  "d"),
            "abcd");
}

}  // namespace
}  // namespace waitstate::render
