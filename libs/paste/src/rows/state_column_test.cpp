#include "rows/state_column.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using tcp::state;

TEST(state_column, reads_one_word_or_several_and_says_where_it_ends) {
  const struct {
    std::string_view line;
    state expected;
    std::size_t next;
  } cases[] = {
      {"TIME_WAIT 12/nginx", state::time_wait, 1},
      {"EN ÉCOUTE 12/nginx", state::listen, 2},
      {"Bezig met luisteren", state::listen, 3},
      {"NIEMAND 12/nginx", state::unknown, 1},
      {"12/nginx", state::unknown, 0},
      {"4711", state::unknown, 0},
      {"- off (0.00/0/0)", state::unknown, 0},
      {"CLOSE_WA", state::close_wait, 1},
      {"CLOSE_WA 12/nginx", state::unknown, 1},
      {"", state::unknown, 0},
  };
  for (const auto& [line, expected, next] : cases) {
    const auto column = read_state_column(tokens(line), 0, {.host = "10.0.0.7", .port = 80});
    EXPECT_EQ(column.state, expected) << line;
    EXPECT_EQ(column.next, next) << line;
  }
}

TEST(state_column, takes_a_socket_without_a_peer_for_a_listener_in_any_language) {
  const text_endpoint nobody{.host = "0.0.0.0", .address = tcp::address::v4({})};
  EXPECT_EQ(read_state_column(tokens("NASLUCHUJE 912"), 0, nobody).state, state::listen);
  EXPECT_EQ(read_state_column(tokens(""), 0, nobody).state, state::listen);
  EXPECT_EQ(read_state_column(tokens("BOUND"), 0, nobody).state, state::bound_inactive);
}

}  // namespace
}  // namespace waitstate::paste
