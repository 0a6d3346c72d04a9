#include "words/doubt.h"

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

TEST(doubt, names_the_other_cause_and_what_decides) {
  const auto made = possible("the answers are lost", "who the peers are");
  EXPECT_EQ(made.confidence, confidence::possible);
  EXPECT_EQ(made.other_cause, "the answers are lost");
  EXPECT_EQ(made.decided_by, "who the peers are");
  EXPECT_EQ(likely("a", "b").confidence, confidence::likely);
}

TEST(doubt, about_the_end_names_the_other_one) {
  EXPECT_NE(taken_for_end(direction::outbound).other_cause.find("a server's"), std::string::npos);
  EXPECT_NE(taken_for_end(direction::inbound).other_cause.find("a client's"), std::string::npos);
}

TEST(doubt, about_a_close_to_come_is_of_a_server_or_a_pool) {
  EXPECT_NE(may_close_yet(direction::inbound).other_cause.find("slow"), std::string::npos);
  EXPECT_NE(may_close_yet(direction::outbound).other_cause.find("pool"), std::string::npos);
}

}  // namespace
}  // namespace waitstate::diagnosis
