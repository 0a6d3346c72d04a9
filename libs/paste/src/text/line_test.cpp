#include "text/line.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using testing::ElementsAre;

std::vector<std::string> lines_of(std::string_view text) {
  line_splitter lines(text);
  std::vector<std::string> all;
  while (const auto line = lines.next()) all.emplace_back(*line);
  EXPECT_EQ(lines.position(), text.size());
  return all;
}

TEST(line_splitter, splits_and_takes_the_carriage_returns_away) {
  EXPECT_THAT(lines_of("a\r\nb\n\nc"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(lines_of(""), ElementsAre());
  EXPECT_THAT(lines_of("a\rb\rc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(lines_of("a\r\r\nb\r"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("a\rb\nc\r\rd\n\re"), ElementsAre("a", "b", "c", "d", "", "e"));
}

TEST(line_splitter, takes_colours_and_cursor_moves_away_and_keeps_tabs) {
  EXPECT_THAT(lines_of("\x1b[01;31mTIME\x1b[m\x1b[K_WAIT\t5\n\x1b]0;title\aok\n"),
              ElementsAre("TIME_WAIT\t5", "ok"));
}

TEST(line_splitter, takes_titles_links_and_character_sets_away) {
  EXPECT_THAT(lines_of("\x1b(Btcp\x1b(B\x1b[m 1\n"), ElementsAre("tcp 1"));
  EXPECT_THAT(lines_of("\x1b]8;;file:///x\x1b\\name\x1b]8;;\x1b\\ ok\n"), ElementsAre("name ok"));
}

TEST(line_splitter, takes_quote_marks_and_a_byte_order_mark_away) {
  EXPECT_THAT(lines_of("\xEF\xBB\xBFtcp\n> > udp\n"), ElementsAre("tcp", "udp"));
  EXPECT_THAT(lines_of("    > tcp\n  > >  udp\n    ino:1\n"),
              ElementsAre("tcp", " udp", "    ino:1"));
  EXPECT_THAT(lines_of(">\xC2\xA0tcp\n"), ElementsAre("tcp"));
}

TEST(line_splitter, takes_the_marks_of_code_around_a_line_away) {
  EXPECT_THAT(lines_of("`tcp 0 0`\n`a` and `b`\n> `5 ESTAB`\n``\n"),
              ElementsAre("tcp 0 0", "`a` and `b`", "5 ESTAB", "``"));
}

TEST(line_splitter, makes_one_word_of_a_mask) {
  EXPECT_THAT(lines_of("tcp 0 0 my ip:443 1.2.3.4:5 ESTABLISHED\n"),
              ElementsAre("tcp 0 0 my_ip:443 1.2.3.4:5 ESTABLISHED"));
}

TEST(line_splitter, takes_what_containers_and_ansible_put_before_a_line_away) {
  EXPECT_THAT(lines_of("web_1    | tcp\nweb-app-12 | 5 ESTAB\n"), ElementsAre("tcp", "5 ESTAB"));
  EXPECT_THAT(lines_of("| TIME_WAIT | 12 |\nss -s | head\n10 | 20\n"),
              ElementsAre("  TIME_WAIT   12  ", "ss -s | head", "10 | 20"));
  EXPECT_THAT(lines_of("w1 | CHANGED | rc=0 | (stdout) 7 ESTAB\\n 8 LISTEN\na\\nb\n"),
              ElementsAre("7 ESTAB", " 8 LISTEN", "a\\nb"));
  EXPECT_THAT(lines_of("w1 | (stdout) a\\n\nw2 | (stdout) b\\nc"), ElementsAre("a", "", "b", "c"));
}

TEST(line_splitter, reads_text_that_powershell_saved_as_utf_16) {
  EXPECT_THAT(lines_of(std::string_view("\xFF\xFEt\0c\0p\0\r\0\n\0u\0", 13)),
              ElementsAre("tcp", "u"));
}

TEST(line_splitter, counts_lines_that_are_cut_or_no_text) {
  const std::string text = "\x01\x02\x03\x04\n" + std::string(5000, 'a') + "\n";
  line_splitter lines(text);
  EXPECT_EQ(lines.next(), "");
  EXPECT_EQ(lines.next()->size(), line_splitter::line_max);
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_EQ(lines.cut(), 1U);
  EXPECT_EQ(lines.binary(), 1U);
}

}  // namespace
}  // namespace waitstate::paste
