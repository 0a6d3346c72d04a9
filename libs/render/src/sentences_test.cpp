#include "sentences.h"

#include <gtest/gtest.h>

namespace waitstate::render {
namespace {

constexpr std::string_view text = "One is here. Two is there. Three is gone.";

TEST(sentences, are_whole_and_as_many_as_fit) {
  EXPECT_EQ(first_sentences(text, 80, 1), text);
  EXPECT_EQ(first_sentences(text, 30, 1), "One is here. Two is there.");
  EXPECT_EQ(first_sentences(text, 20, 1), "One is here.");
  EXPECT_EQ(first_sentences(text, 20, 2), "One is here. Two is there.");
}

TEST(sentences, are_one_at_least) {
  EXPECT_EQ(first_sentences(text, 5, 0), "One is here.");
  EXPECT_EQ(first_sentences("no full stop", 5, 0), "no full stop");
  EXPECT_EQ(first_sentences("", 5, 0), "");
}

TEST(sentences, do_not_end_within_an_address_or_an_abbreviation) {
  EXPECT_EQ(first_sentences("To 10.0.0.7, e.g. this. More.", 80, 0), "To 10.0.0.7, e.g. this.");
}

TEST(sentences, may_begin_with_a_number) {
  EXPECT_EQ(first_sentences("Few are left. 20 is round.", 80, 0), "Few are left.");
}

}  // namespace
}  // namespace waitstate::render
