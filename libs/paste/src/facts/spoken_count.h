#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "waitstate/tcp/state.h"

namespace waitstate::paste {

/// A number of sockets in one state, as a sentence says it.
struct spoken_count {
  tcp::state state = tcp::state::unknown;
  std::uint64_t sockets = 0;

  friend bool operator==(const spoken_count&, const spoken_count&) = default;
};

/// The counts of a sentence: "about 200 ESTABLISHED connections, and between 1K and 2K+ in
/// CLOSE_WAIT" is 200 and 1,000, "CLOSE_WAIT connections even reach 1340" is 1,340. A state is a
/// word in capitals with its bar or dash, or "ESTABLISHED" or "CLOSED"; a number is 20 or more. Of
/// a range it is the lower end. Nothing of a sentence about what could be, or about a bound.
[[nodiscard]] std::vector<spoken_count> read_spoken_counts(std::string_view line);

/// Does a sentence say of a program that it answers no more: "it just hung", "the server stops
/// responding"? Not where it may be so, or where a log guesses.
[[nodiscard]] bool says_that_it_hangs(std::string_view line);

}  // namespace waitstate::paste
