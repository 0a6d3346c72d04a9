#include "waitstate/render/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report_fixture.h"

namespace waitstate::render {
namespace {

using diagnosis::verdict;
using testing::HasSubstr;
using testing::Not;

TEST(markdown, has_a_heading_a_table_and_a_command_for_each_finding) {
  auto leak = a_leak();
  leak.certainty = {.confidence = diagnosis::confidence::likely,
                    .other_cause = "a slow server",
                    .decided_by = "a second look"};
  const auto text =
      to_markdown(report_of({no_ports_left(), leak}, verdict::critical, "no ports are left"));
  EXPECT_THAT(text, testing::StartsWith("# critical: no ports are left\n\n**Seen** web-1, Linux"));
  EXPECT_THAT(text, HasSubstr("\n## 1. 3 of 28,232 local ports are left"));
  EXPECT_THAT(text, HasSubstr("\n| free ports to 10.0.0.7:80 | 3 of 28,232 | sock\\_diag |\n"));
  EXPECT_THAT(text, HasSubstr("\n```\nupstream app {\n  server 10.0.0.7:80;\n"));
  EXPECT_THAT(text, HasSubstr("\n## 2. likely: nginx"));
  EXPECT_THAT(text, HasSubstr("**Or** a slow server\n\n**What decides** a second look\n"));
  EXPECT_THAT(text, HasSubstr("## Limits\n\n- owners of 4 sockets are hidden (run as root)\n"));
}

TEST(markdown, lets_no_word_of_a_paste_format_or_link) {
  auto report = report_of({no_ports_left()}, verdict::critical, "a [link](http://x) <b>\n# one");
  report.findings[0].evidence[0].value = "a | b";
  const auto text = to_markdown(report);
  EXPECT_THAT(text, HasSubstr("a \\[link\\](http:⁠//x) \\<b\\> \\# one\n"));
  EXPECT_THAT(text, HasSubstr("| a \\| b |"));
}

TEST(markdown, makes_no_link_and_no_mention_of_a_name) {
  auto report = report_of({no_ports_left()}, verdict::critical, "by www.example.org @team $x$");
  EXPECT_THAT(to_markdown(report), HasSubstr("by www.⁠example.org @⁠team \\$x\\$"));
}

TEST(markdown, has_a_fence_that_no_command_ends) {
  auto report = report_of({no_ports_left()}, verdict::critical, "none");
  report.findings[0].remedies[0].command = "```\nrm\n````\n";
  EXPECT_THAT(to_markdown(report), HasSubstr("\n`````\n```\nrm\n````\n`````\n"));
}

TEST(markdown, replaces_escape_sequences) {
  auto report = report_of({no_ports_left()}, verdict::critical, "a \x1b[31mred\xff");
  report.findings[0].remedies[0].command = "run \x1b]0;x\x07\n";
  EXPECT_THAT(to_markdown(report), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace waitstate::render
