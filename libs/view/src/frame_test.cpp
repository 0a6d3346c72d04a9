#include "waitstate/view/frame.h"

#include <gtest/gtest.h>

namespace waitstate::view {
namespace {

using render::cell_of;
using render::ink;

std::string text_of(const render::line& cells) {
  std::string text;
  for (const auto& c : cells) text += c.text;
  return text;
}

TEST(frame, cuts_a_line_at_its_width_and_fills_it_up_to_that) {
  EXPECT_EQ(text_of(fitted({cell_of("abc"), cell_of("def")}, 5)), "abcde");
  EXPECT_EQ(text_of(fitted({cell_of("abc")}, 5)), "abc  ");
  EXPECT_EQ(text_of(fitted({cell_of("─│┐")}, 2)), "─│");
  // A wide character has no half.
  EXPECT_EQ(text_of(fitted({cell_of("日本")}, 3)), "日 ");
}

TEST(frame, has_a_part_at_either_end_of_a_line) {
  EXPECT_EQ(text_of(spread({cell_of("left")}, {cell_of("right")}, 12)), "left   right");
  EXPECT_EQ(text_of(spread({cell_of("left")}, {cell_of("right")}, 7)), "leright");
  EXPECT_EQ(text_of(spread({cell_of("left")}, {cell_of("right")}, 3)), "rig");
}

TEST(frame, is_as_wide_in_ascii) {
  frame f{.size = {.width = 8, .height = 1}, .rows = {{.cells = {cell_of("├─█▁日é")}}}};
  f = in_ascii(std::move(f));
  EXPECT_EQ(text_of(f.rows[0].cells), "+-#_???");
}

TEST(frame, is_text_without_blanks_at_the_ends_of_lines) {
  const frame f{.size = {.width = 8, .height = 2},
                .rows = {{.cells = {cell_of("a", ink::red), cell_of("   ")}},
                         {.cells = {cell_of("        ")}}}};
  EXPECT_EQ(to_text(f), "a\n\n");
  EXPECT_EQ(to_text(f, true), "\x1b[1;31ma\x1b[0m\n\n");
}

}  // namespace
}  // namespace waitstate::view
