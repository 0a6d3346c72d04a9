#include "judgement/tracked_questions.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

std::vector<open_question> questions_of(const snapshot& s) {
  std::vector<open_question> questions;
  add_tracked_questions(s, questions);
  return questions;
}

TEST(tracked_questions, are_of_syns_that_nothing_else_is_shown_beside) {
  auto s = paste(os_family::linux_kernel);
  s.tracked = {{.state = "SYN_SENT",
                .destination = endpoint_of("10.0.0.9", 443),
                .unreplied = true,
                .count = 3}};
  const auto asked = questions_of(s);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].text, "3 connections are tracked, and no answer to any was seen");
  s.tracked.push_back({.state = "ESTABLISHED", .count = 1});
  EXPECT_TRUE(questions_of(s).empty());
}

TEST(tracked_questions, are_of_many_that_one_side_alone_has_closed) {
  auto s = paste(os_family::linux_kernel);
  s.tracked = {{.state = "CLOSE_WAIT", .destination = endpoint_of("10.0.0.9", 443), .count = 19}};
  EXPECT_TRUE(questions_of(s).empty());
  s.tracked[0].count = 20;
  EXPECT_EQ(questions_of(s).size(), 1U);
}

TEST(tracked_questions, are_of_packets_that_lost_a_race_for_an_entry) {
  auto s = paste(os_family::linux_kernel);
  s.namespaces[0].counters["Conntrack.insert_failed"] = 3'456;
  const auto asked = questions_of(s);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].to_add.id, "entries-raced");
  s.namespaces[0].counters["Conntrack.insert_failed"] = 0;
  EXPECT_TRUE(questions_of(s).empty());
}

}  // namespace
}  // namespace waitstate::diagnosis
