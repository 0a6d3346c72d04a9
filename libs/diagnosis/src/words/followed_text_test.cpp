#include "words/followed_text.h"

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

snapshot two_processes() {
  snapshot s;
  s.processes.push_back({.pid = 812, .name = "python3"});
  s.processes.push_back({.pid = 5, .name = "bash"});
  return s;
}

followed_use of_python() {
  followed_use use{.watched = std::chrono::seconds(5),
                   .total = {.opened = 6'200,
                             .ended = 6'198,
                             .established = 6'198,
                             .closed_here_first = 6'198,
                             .bytes_sent = 6'198 * 100,
                             .bytes_received = 6'198 * 412},
                   .opener = {.kind = ownership::owned, .process = 0},
                   .opened_by_it = 6'200,
                   .started = {},
                   .closer = {.kind = ownership::owned, .process = 0},
                   .closed_by_it = 6'198};
  use.total.lives_us.count[10] = 6'198;
  use.total.sizes.count[9] = 6'198;
  return use;
}

TEST(followed_text, says_who_how_often_how_long_and_how_much) {
  const auto facts = followed_evidence(two_processes(), of_python());
  ASSERT_EQ(facts.size(), 4U);
  EXPECT_EQ(facts[0].value,
            "python3 (pid 812) opened 6,200 connections within 5 s: 1,240 a second");
  EXPECT_EQ(facts[1].value,
            "this side 6,198, the other 0, of 6,198; here python3 (pid 812) closed 6,198");
  EXPECT_EQ(facts[2].value, "half of them less than 3 ms");
  EXPECT_EQ(facts[3].value, "half of them less than 1 KiB, 512 B on average");
}

TEST(followed_text, names_who_opened_and_who_closed_where_that_was_another) {
  const auto s = two_processes();
  auto use = of_python();
  EXPECT_EQ(followed_opener_text(s, use), ", opened by python3 (pid 812)");
  use.closer.process = 1;
  EXPECT_EQ(followed_opener_text(s, use),
            ", opened by python3 (pid 812) and closed by bash (pid 5)");
  use.opener = {};
  EXPECT_EQ(followed_opener_text(s, use), "");
}

TEST(followed_text, a_script_is_named_with_what_it_starts) {
  auto use = of_python();
  use.opener.process = 1;
  use.closer = use.opener;
  use.started = "curl";
  EXPECT_EQ(followed_opener_text(two_processes(), use),
            ", opened by curl, which bash (pid 5) starts again and again");
}

}  // namespace
}  // namespace waitstate::diagnosis
