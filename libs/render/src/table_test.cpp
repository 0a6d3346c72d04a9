#include "waitstate/render/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::render {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string text_of(const table& t) {
  return plain_text(t.lines());
}

TEST(table, sets_numbers_to_the_right_and_words_to_the_left) {
  table t;
  t.add({.title = "COUNT", .numeric = true}, {"28,229", "12"});
  t.add({.title = "STATE"}, {"TIME-WAIT", "LISTEN"});
  EXPECT_EQ(text_of(t),
            " COUNT  STATE\n"
            "28,229  TIME-WAIT\n"
            "    12  LISTEN\n");
}

TEST(table, has_bold_titles_and_plain_rows) {
  table t;
  t.add({.title = "A"}, {"x"});
  const auto lines = t.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].front().ink, ink::bold);
  EXPECT_EQ(lines[1].front(), cell_of("x"));
}

TEST(table, leaves_out_a_column_that_says_nothing) {
  table t;
  t.add({.title = "A"}, {"x", "y"});
  t.add({.title = "B", .may_be_missing = true}, {"-", "-"});
  t.add({.title = "C", .may_be_missing = true}, {"-", "1"});
  EXPECT_EQ(text_of(t), "A  C\nx  -\ny  1\n");
  EXPECT_THAT(t.dropped(), IsEmpty());
}

TEST(table, shrinks_the_widest_before_it_drops_any) {
  table t;
  t.add({.title = "A", .narrowest = 5}, {"a long text"});
  t.add({.title = "B", .droppable = 1}, {"123456"});
  t.fit(15);
  EXPECT_EQ(text_of(t), "A        B\na lo...  123456\n");
  t.fit(12);
  EXPECT_EQ(text_of(t), "A\na long text\n");
  EXPECT_THAT(t.dropped(), ElementsAre("B"));
}

TEST(table, drops_the_most_droppable_first_and_keeps_what_may_not_go) {
  table t;
  t.add({.title = "A", .droppable = 1}, {"1234"});
  t.add({.title = "B", .droppable = 2}, {"1234"});
  t.add({.title = "C"}, {"1234"});
  t.fit(10);
  EXPECT_THAT(t.dropped(), ElementsAre("B"));
  t.fit(1);
  EXPECT_THAT(t.dropped(), ElementsAre("B", "A"));
  EXPECT_EQ(text_of(t), "C\n1234\n");
}

TEST(table, makes_any_text_safe_and_one_line) {
  table t;
  t.add({.title = "A"}, {"a\x1b[31m\nb"});
  EXPECT_EQ(text_of(t), "A\na [31m b\n");
}

TEST(table, of_no_columns_has_no_lines) {
  table t;
  t.fit(0);
  EXPECT_THAT(t.lines(), IsEmpty());
}

}  // namespace
}  // namespace waitstate::render
