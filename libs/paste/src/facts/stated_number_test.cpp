#include "facts/stated_number.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

std::uint64_t stated(std::string_view line) {
  const auto found = stated_number_in(line);
  return found ? found->sockets : 0;
}

TEST(stated_number, is_what_a_sentence_says_of_sockets) {
  EXPECT_EQ(stated("At the moment, there are 7513 connections open in this state."), 7513U);
  EXPECT_EQ(stated("we see about 25k TIME_WAIT on each host"), 25'000U);
  EXPECT_EQ(stated("The server has 15,000+ sockets in CLOSE_WAIT!"), 15'000U);
  EXPECT_EQ(stated("over 3000 of them in TIME-WAIT"), 3000U);
  const auto late = stated_number_in(
      "We have a metric that records the number of connections, and it was showing that no new "
      "connections were being accepted beyond the existing ~100,000 connections.");
  ASSERT_TRUE(late);
  EXPECT_EQ(late->sockets, 100'000U);
  EXPECT_TRUE(late->text.ends_with("beyond the existing ~100,000 connections.")) << late->text;
}

TEST(stated_number, is_what_a_sentence_says_of_the_rows_beside_it) {
  struct row {
    std::string_view line;
    std::uint64_t sockets;
  };
  constexpr row rows[] = {
      {"Okay, this is creeping me out - I see about 1500-2500 of these:", 2500},
      {"I see the following repeated **many** times when running it", 20},
      {"[repeated 17 times]", 17},
      {"... repeated 4000 times ...", 4000},
      {"There are hundreds of these.", 200},
      {"and thousands of them", 2000},
      {"with a lot of lines like this one", 20},
      {"1.5k of those connections", 1500},
      {"tons of such entries", 20},
  };
  for (const auto& [line, sockets] : rows) {
    const auto found = stated_number_in(line);
    ASSERT_TRUE(found) << line;
    EXPECT_EQ(found->sockets, sockets) << line;
    EXPECT_TRUE(found->of_rows) << line;
  }
}

TEST(stated_number, is_no_talk_of_other_things) {
  for (const std::string_view line :
       {"we tried it many times", "hundreds of users are waiting", "one of these days",
        "I have read many of the threads", "a lot of traffic", "tried 17 times", "80 of these",
        "most of them are gone", "many of these settings do nothing"}) {
    EXPECT_EQ(stated(line), 0U) << line;
  }
}

TEST(stated_number, is_no_bound_no_time_and_no_small_talk) {
  EXPECT_EQ(stated("max 4000 connections"), 0U);
  EXPECT_EQ(stated("up to 60000 connections are fine"), 0U);
  EXPECT_EQ(stated("TIME_WAIT lasts 240 seconds"), 0U);
  EXPECT_EQ(stated("These lines will show up like 15 - 50 times with connections"), 0U);
  EXPECT_EQ(stated("listening on port 8080"), 0U);
  EXPECT_EQ(stated("99999999999 connections"), 0U);
}

}  // namespace
}  // namespace waitstate::paste
