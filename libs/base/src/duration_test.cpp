#include "waitstate/base/duration.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

using namespace std::chrono_literals;

TEST(duration, reads_a_number_and_a_unit) {
  struct {
    std::string_view text;
    std::chrono::milliseconds value;
  } const cases[] = {
      {"500ms", 500ms}, {"5s", 5s},   {"1.5s", 1500ms}, {"2m", 2min}, {"2min", 2min},
      {"1h", 1h},       {"7d", 168h}, {"0", 0s},        {"0s", 0s},   {".5s", 500ms},
  };
  for (const auto& c : cases) {
    const auto value = parse_duration(c.text);
    ASSERT_TRUE(value.has_value()) << c.text;
    EXPECT_EQ(*value, c.value) << c.text;
  }
}

TEST(duration, says_what_is_wrong_with_the_text) {
  struct {
    std::string_view text;
    std::string_view what;
    std::string_view hint;
  } const cases[] = {
      {"", "'' is not a duration", "a number and a unit: 500ms, 5s, 2m, 1h"},
      {"soon", "'soon' is not a duration", "a number and a unit: 500ms, 5s, 2m, 1h"},
      {"inf", "'inf' is not a duration", "a number and a unit: 500ms, 5s, 2m, 1h"},
      {"-5s", "'-5s' is negative", "a number and a unit: 500ms, 5s, 2m, 1h"},
      {"5", "'5' has no unit", "5s is 5 seconds"},
      {"5 s", "'5 s' has an unknown unit ' s'", "the units are ms, s, m, h and d"},
      {"5sec", "'5sec' has an unknown unit 'sec'", "the units are ms, s, m, h and d"},
      {"99999d", "'99999d' is too long", "at most 10000d"},
  };
  for (const auto& c : cases) {
    const auto value = parse_duration(c.text);
    ASSERT_FALSE(value.has_value()) << c.text;
    EXPECT_EQ(value.error().what, c.what);
    EXPECT_EQ(value.error().hint, c.hint);
    EXPECT_EQ(value.error().code, errc::invalid_input);
  }
}

TEST(duration, is_written_as_the_shortest_word_that_reads_as_the_same) {
  struct {
    std::chrono::milliseconds value;
    std::string_view word;
  } const cases[] = {
      {0ms, "0s"},  {1ms, "1ms"}, {1500ms, "1500ms"}, {5s, "5s"},   {60s, "1m"},
      {90s, "90s"}, {2min, "2m"}, {1h, "1h"},         {36h, "36h"}, {48h, "2d"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(duration_word(c.value), c.word);
    EXPECT_EQ(parse_duration(c.word), c.value) << c.word;
  }
}

}  // namespace
}  // namespace waitstate
