#include "http/field_lines.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

using namespace std::string_literals;

/// Each line as "name=value", then how it ends: "last at 12", "more", or why it is refused.
std::string lines_of(std::string_view bytes) {
  field_lines lines(bytes, 0);
  field_line line;
  std::string seen;
  for (;;) {
    switch (lines.next(line)) {
      case line_kind::incomplete: return seen + "more";
      case line_kind::last: return seen + "last at " + std::to_string(lines.at());
      case line_kind::refused: return seen + std::string(lines.refused());
      case line_kind::field: break;
    }
    EXPECT_EQ(line.whole.data() + line.whole.size(), bytes.data() + lines.at());
    EXPECT_TRUE(line.whole.starts_with(line.name) && line.whole.ends_with("\r\n"));
    seen.append(line.name).append("=").append(line.value).append("; ");
  }
}

TEST(field_lines, are_read_up_to_the_empty_one) {
  EXPECT_EQ(lines_of("A: 1\r\nB:\t2 \t\r\nC:\r\nD-e: f g\r\n\r\nrest"),
            "A=1; B=2; C=; D-e=f g; last at 30");
  EXPECT_EQ(lines_of("\r\n"), "last at 2");
  for (const auto* part : {"", "A", "A:", "A: 1", "A: 1\r", "A: 1\r\n", "A: 1\r\n\r"}) {
    EXPECT_TRUE(lines_of(part).ends_with("more")) << part;
  }
}

TEST(field_lines, what_is_none_says_why) {
  EXPECT_EQ(lines_of("A: 1\r\n b\r\n"), "A=1; a folded line, or one that begins with a blank");
  EXPECT_EQ(lines_of("A : 1\r\n"), "a blank in a field name or before its colon");
  EXPECT_EQ(lines_of(": 1\r\n"), "a field without a name");
  EXPECT_EQ(lines_of("A\r\n"), "a line without a colon");
  EXPECT_EQ(lines_of("A\n"), "a line feed without its carriage return");
  EXPECT_EQ(lines_of("A: 1\n"), "a line feed without its carriage return");
  EXPECT_EQ(lines_of("A: 1\rB"), "a carriage return without its line feed");
  EXPECT_EQ(lines_of("\rA"), "a carriage return without its line feed");
  EXPECT_EQ(lines_of("A: \0"s), "a control character");
  EXPECT_EQ(lines_of("A(: 1"), "a character that no field name has");
}

}  // namespace
}  // namespace waitstate::sidecar
