#include "app/cli/markdown_page.h"

#include <gtest/gtest.h>

namespace waitstate::cli {
namespace {

constexpr page_style narrow{.width = 40};

TEST(terminal_text, wraps_paragraphs_and_drops_the_marks) {
  EXPECT_EQ(
      terminal_text("**What it is.** The `tcp_tw_reuse`\nsetting helps *only* a client, at last.\n",
                    narrow),
      "What it is. The tcp_tw_reuse setting\n"
      "helps only a client, at last.\n");
}

TEST(terminal_text, hangs_list_items_under_their_first_word) {
  EXPECT_EQ(terminal_text("1. Reuse connections, as every\n   runtime can, in its own way.\n"
                          "- A shorter one.\n",
                          narrow),
            "1. Reuse connections, as every runtime\n"
            "   can, in its own way.\n"
            "- A shorter one.\n");
}

TEST(terminal_text, leaves_code_as_it_is_however_long) {
  EXPECT_EQ(
      terminal_text("Set it:\n\n```\nsysctl -w net.ipv4.ip_local_port_range=\"15000 65000\"\n\n"
                    "# a *comment*\n```\n\nDone.\n",
                    narrow),
      "Set it:\n\n"
      "    sysctl -w net.ipv4.ip_local_port_range=\"15000 65000\"\n\n"
      "    # a *comment*\n\n"
      "Done.\n");
}

TEST(terminal_text, keeps_tables_in_their_columns) {
  EXPECT_EQ(terminal_text("| id | means |\n|----|-------|\n| a  | one   |\n", narrow),
            "    | id | means |\n    |----|-------|\n    | a  | one   |\n");
}

TEST(terminal_text, takes_stars_for_emphasis_only_at_the_edge_of_a_word) {
  EXPECT_EQ(terminal_text("`tcp_keepalive_*` and 2 * 3 and a* stay", narrow),
            "tcp_keepalive_* and 2 * 3 and a* stay\n");
}

TEST(terminal_text, colours_headings_emphasis_and_code_and_counts_none_of_it) {
  EXPECT_EQ(
      terminal_text("## TIME-WAIT\n**Who** is *in* it: `ss`.\n", {.width = 40, .colour = true}),
      "\x1b[1mTIME-WAIT\x1b[0m\n"
      "\x1b[1mWho\x1b[0m is \x1b[4min\x1b[0m it: \x1b[36mss\x1b[0m.\n");
}

TEST(terminal_text, counts_letters_and_not_bytes) {
  const std::string text = "range − reserved − bound − used − more x";
  EXPECT_EQ(terminal_text(text, narrow), text + "\n");
}

TEST(terminal_text, folds_blank_lines_and_starts_and_ends_without_one) {
  EXPECT_EQ(terminal_text("\n\na\n\n\nb\n\n", narrow), "a\n\nb\n");
  EXPECT_EQ(terminal_text("", narrow), "");
}

TEST(terminal_text, leaves_out_comments_but_not_in_code) {
  EXPECT_EQ(terminal_text("a\n\n<!-- written by a tool -->\n\nb\n<!-- end -->\n", narrow),
            "a\n\nb\n");
  EXPECT_EQ(terminal_text("```\n<!-- x -->\n```\n", narrow), "    <!-- x -->\n");
}

TEST(terminal_text, keeps_the_indent_of_a_paragraph_that_belongs_to_an_item) {
  EXPECT_EQ(terminal_text(
                "2. Set it:\n\n```\nx\n```\n\n   Then restart the program, and look again here.\n",
                narrow),
            "2. Set it:\n\n    x\n\n   Then restart the program, and look\n   again here.\n");
}

TEST(terminal_text, does_not_break_a_word_that_is_longer_than_the_line) {
  const std::string word(60, 'w');
  EXPECT_EQ(terminal_text("see " + word + " there", narrow), "see\n" + word + "\nthere\n");
}

}  // namespace
}  // namespace waitstate::cli
