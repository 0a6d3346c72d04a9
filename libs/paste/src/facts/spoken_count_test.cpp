#include "facts/spoken_count.h"

#include <string_view>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using counts = std::vector<spoken_count>;
using tcp::state;

TEST(spoken_count, is_a_number_beside_the_state_it_is_of) {
  struct row {
    std::string_view line;
    counts expected;
  };
  const row rows[] = {
      {"Our app accumulates more than 4000 connections in CLOSE_WAIT state until it stops.",
       {{state::close_wait, 4000}}},
      {"We see 5,432 sockets stuck in CLOSE_WAIT to port 443 of the gateway.",
       {{state::close_wait, 5432}}},
      {"On a server with about 200 steady-state ESTABLISHED connections, we have between 1K and "
       "2K+ "
       "in CLOSE_WAIT at any one time. Only about 17 are in the TIME_WAIT status",
       {{state::established, 200}, {state::close_wait, 1000}}},
      {"there is a lot of CLOSE_WAIT connections even reach 1340.", {{state::close_wait, 1340}}},
      {"there were 512 connections in `SYN_RECV` on port 80", {{state::syn_received, 512}}},
      {"lsof shows about 3500 (CLOSE_WAIT) connections for tomcat", {{state::close_wait, 3500}}},
      {"I still see 1964 of those in CLOSED", {{state::closed, 1964}}},
      {"I see there are about 278 close_wait connection there for ever.",
       {{state::close_wait, 278}}},
      {"something concerning - between 240-255 out of 420 connections were stuck in CLOSE_WAIT",
       {{state::close_wait, 240}}},
      {"on this box 310 of 900 sockets are in Close-Wait now", {{state::close_wait, 310}}},
  };
  for (const auto& [line, expected] : rows) {
    EXPECT_EQ(read_spoken_counts(line), expected) << line;
  }
}

TEST(spoken_count, is_no_bound_no_hope_and_no_verb) {
  for (const std::string_view line :
       {"if there are 4000 connections in CLOSE_WAIT, restart it",
        "it would have 4000 connections in CLOSE_WAIT",
        "we allow up to 4000 CLOSE_WAIT connections",
        "an alert fires at 4000 connections in CLOSE_WAIT", "a few CLOSE_WAIT, 3 or 4, are fine",
        "2211 41022 10.0.0.9 443 CLOSE_WAIT", "4000 connections were closed and 300 wait",
        "TIME_WAIT 4000", "see the thread of 2019. Then we had CLOSE_WAIT connections again"}) {
    EXPECT_TRUE(read_spoken_counts(line).empty()) << line;
  }
}

TEST(spoken_count, knows_when_a_program_is_said_to_hang) {
  for (const std::string_view line :
       {"when I tried to curl / it just hung.", "Sometimes gunicorn got stuck, but very seldom",
        "after a day the server stops responding",
        "Tomcat hangs. Nothing may be seen in its log"}) {
    EXPECT_TRUE(says_that_it_hangs(line)) << line;
  }
  for (const std::string_view line : {"the server appears hung", "it may be that it hangs",
                                      "changes nothing", "if it hangs, restart"}) {
    EXPECT_FALSE(says_that_it_hangs(line)) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
