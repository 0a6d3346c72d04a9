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
