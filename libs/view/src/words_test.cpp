#include "words.h"

#include <gtest/gtest.h>

namespace waitstate::view {
namespace {

using namespace std::chrono_literals;

TEST(words, give_an_age_as_much_as_it_deserves) {
  EXPECT_EQ(age_word(900ms), "0 s");
  EXPECT_EQ(age_word(59s), "59 s");
  EXPECT_EQ(age_word(61s), "1 min");
  EXPECT_EQ(age_word(1h), "1 h");
  EXPECT_EQ(age_word(3h + 2min), "3 h 2 min");
  EXPECT_EQ(age_word(11h + 59min), "11 h");
  EXPECT_EQ(age_word(50h), "2 d");
}

TEST(words, leave_out_a_rate_that_is_next_to_nothing) {
  EXPECT_EQ(rate_word(0.01), "");
  EXPECT_EQ(rate_word(0.4), "0.4/s");
  EXPECT_EQ(growth_word(-0.01), "");
  EXPECT_EQ(growth_word(-12), "-12/s");
  EXPECT_EQ(growth_word(1'200), "+1,200/s");
}

TEST(words, name_a_process_by_what_is_known_of_it) {
  EXPECT_EQ(process_word({.pid = 7, .name = "nginx"}), "nginx (7)");
  EXPECT_EQ(process_word({.name = "nginx"}), "nginx");
  EXPECT_EQ(process_word({.pid = 7}), "pid 7");
  EXPECT_EQ(process_word({}), "-");
}

}  // namespace
}  // namespace waitstate::view
