#include "text/page_marks.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

std::string plain(std::string_view line) {
  std::string scratch;
  return std::string(without_page_marks(line, scratch));
}

TEST(page_marks, are_taken_away_around_rows) {
  struct row {
    std::string_view line, plain;
  };
  constexpr row rows[] = {
      {"tcp 1 0 a:1 b:2 CLOSE_WAIT<br>", "tcp 1 0 a:1 b:2 CLOSE_WAIT "},
      {"&gt; tcp&nbsp;1 0", "> tcp 1 0"},
      {"<td>CLOSE_WAIT</td><td>5</td>", " CLOSE_WAIT  5 "},
      {"| CLOSE-WAIT | 1 | 0 | 10.0.0.7:1 |", "  CLOSE-WAIT   1   0   10.0.0.7:1  "},
      {"CLOSE-WAIT,1,0,10.0.0.7:1,10.0.0.8:443", "CLOSE-WAIT 1 0 10.0.0.7:1 10.0.0.8:443"},
  };
  for (const auto& [line, wanted] : rows) EXPECT_EQ(plain(line), wanted) << line;
}

TEST(page_marks, stay_where_they_mean_something) {
  for (const std::string_view line :
       {"", "<ip>:80 <pid>", "a & b", "| a | b | c |", "ss -tan | grep x | sort | uniq -c",
        "1,2,3,4:5", "|,TIME_WAIT,|x|y:1|", "users:((\"java\",pid=7,fd=3))",
        "we saw CLOSE_WAIT, and more, of it, there:", "a < b > c"}) {
    EXPECT_EQ(plain(line), line);
  }
}

TEST(page_marks, a_scratch_may_hold_the_line) {
  std::string scratch = "a&gt;b";
  EXPECT_EQ(without_page_marks(scratch, scratch), "a>b");
}

}  // namespace
}  // namespace waitstate::paste
