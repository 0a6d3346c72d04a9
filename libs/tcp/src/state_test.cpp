#include "waitstate/tcp/state.h"

#include <gtest/gtest.h>

namespace waitstate::tcp {
namespace {

TEST(state, every_name_reads_back_as_its_state) {
  for (const auto s : all_states) {
    if (s == state::new_syn_received) continue;  // RFC 9293 has one name for both
    EXPECT_EQ(parse_state(to_string(s)), s) << to_string(s);
  }
}

TEST(state, reads_the_spellings_of_other_tools) {
  EXPECT_EQ(parse_state("ESTAB"), state::established);
  EXPECT_EQ(parse_state("SYN-RECV"), state::syn_received);
  EXPECT_EQ(parse_state("SYN_RCVD"), state::syn_received);
  EXPECT_EQ(parse_state("FIN_WAIT2"), state::fin_wait_2);
  EXPECT_EQ(parse_state("time_wait"), state::time_wait);
  EXPECT_EQ(parse_state("LISTENING"), state::listen);
  EXPECT_EQ(parse_state("UNCONN"), state::closed);
}

TEST(state, reads_localized_words_in_any_case) {
  EXPECT_EQ(parse_state("VERBUNDEN"), state::established);
  EXPECT_EQ(parse_state("ABHÖREN"), state::listen);
  EXPECT_EQ(parse_state("abhören"), state::listen);
  EXPECT_EQ(parse_state("Établie"), state::established);
  EXPECT_EQ(parse_state("ESCUCHA"), state::listen);
}

TEST(state, refuses_other_words) {
  for (const auto* word : {"", "TIME", "WAIT", "ESTABLISHED)", "Foreign", "TIME_WAITS"}) {
    EXPECT_EQ(parse_state(word), std::nullopt) << word;
  }
}

}  // namespace
}  // namespace waitstate::tcp
