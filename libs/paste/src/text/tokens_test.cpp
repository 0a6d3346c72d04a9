#include "text/tokens.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using tcp::state;

TEST(tokens, parts_a_line_at_blanks_and_tabs) {
  const tokens w("  tcp\t 0  *:80 ");

  ASSERT_EQ(w.size(), 3U);
  EXPECT_EQ(w[0], "tcp");
  EXPECT_EQ(w[1], "0");
  EXPECT_EQ(w[2], "*:80");
  EXPECT_EQ(w[3], "");
  EXPECT_EQ(w.from(1), "0  *:80 ");
  EXPECT_EQ(w.from(3), "");
}

TEST(tokens, looks_at_a_bounded_part_of_a_line) {
  std::string line;
  for (int i = 0; i < 100; ++i) line += "a ";
  EXPECT_EQ(tokens(line).size(), tokens::words_max);

  const std::string one(100'000, 'x');
  EXPECT_EQ(tokens(one)[0].size(), tokens::line_max);
  EXPECT_EQ(tokens("").size(), 0U);
}

TEST(tokens, reads_numbers_that_fit_and_nothing_else) {
  EXPECT_EQ(parse_number<std::uint32_t>("4294967295"), 4294967295U);
  for (const auto* text : {"", "4294967296", "-1", "1x", " 1", "0x1"}) {
    EXPECT_FALSE(parse_number<std::uint32_t>(text)) << text;
  }
  EXPECT_EQ(parse_number<std::uint32_t>("1F90", 16), 8080U);
  EXPECT_EQ(parse_pid("4711"), 4711);
  for (const auto* text : {"", "-1", "2147483648", "x"}) EXPECT_FALSE(parse_pid(text)) << text;
}

TEST(tokens, knows_a_word_behind_what_people_glue_to_it) {
  for (const auto* word :
       {"tcp", "TCP", "12:tcp", "netstat.txt:12:tcp", ">tcp", "|tcp", "`tcp", "12-tcp"}) {
    EXPECT_TRUE(is_word_behind_prefix(word, "tcp")) << word;
  }
  for (const auto* word : {"", "mptcp", "tcp4", "net/tcp", "12:udp"}) {
    EXPECT_FALSE(is_word_behind_prefix(word, "tcp")) << word;
  }
}

TEST(tokens, reads_a_state_with_the_marks_around_it) {
  EXPECT_EQ(read_state("(CLOSE_WAIT)"), state::close_wait);
  EXPECT_EQ(read_state("TIME_WAIT\","), state::time_wait);
  EXPECT_EQ(read_state("Warten"), state::time_wait);
  EXPECT_EQ(read_state("()"), std::nullopt);
  EXPECT_EQ(read_state("CLOSE_WAI"), std::nullopt);
}

TEST(tokens, reads_a_state_that_was_cut_when_it_can_only_be_one) {
  const struct {
    std::string_view word;
    std::optional<state> expected;
  } cases[] = {
      {"CLOSE_WAI", state::close_wait},
      {"(CLOSE_W", state::close_wait},
      {"TIME", state::time_wait},
      {"ESTABLISHE", state::established},
      {"LISTEN", state::listen},
      {"CLOS", std::nullopt},
      {"SYN_", std::nullopt},
      {"SYN_R", state::syn_received},
      {"SYN_RECE", state::syn_received},
      {"TIM", std::nullopt},
      {"TIMELY", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [word, expected] : cases) EXPECT_EQ(read_cut_state(word), expected) << word;
}

}  // namespace
}  // namespace waitstate::paste
