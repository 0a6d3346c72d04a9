#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "waitstate/paste/read.h"

namespace {

std::string with_carriage_returns(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out.push_back('\r');
    out.push_back(c);
  }
  return out;
}

/// What the text can hold at most: a socket for each line, one more for each four blanks in it (a
/// row that stands behind another has as many words), and as many as each number says, in
/// thousands where it says so.
std::uint64_t most_that_is_told(std::string_view text) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 53;
  std::uint64_t most = 1;
  std::uint64_t number = 0;
  std::uint64_t blanks = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t') ++blanks;
    if (c >= '0' && c <= '9') {
      number = std::min(number * 10 + static_cast<std::uint64_t>(c - '0'), largest);
      continue;
    }
    // "21,000"; and what no text has is taken out of it before it is read.
    const bool is_nothing = c < ' ' && c != '\n' && c != '\r' && c != '\t';
    if ((c == ',' || c == '\x7f' || is_nothing) && number > 0) continue;
    // "25k"
    most += c == 'k' || c == 'K' ? number * 1'000 : number;
    number = 0;
    if (c == '\n' || c == '\r') ++most;
  }
  return most + number + blanks / 4;
}

std::uint64_t sockets_in_groups(const waitstate::snapshot& s) {
  std::uint64_t sum = s.dropped;
  for (const auto& g : s.groups) {
    // Bound ports are no connections; a count of them makes a group, rows make none.
    if (g.key.state != waitstate::tcp::state::bound_inactive) sum += g.count;
  }
  return sum;
}

}  // namespace

/// Every socket is in a group or counted as dropped, and there are no more than the text tells of;
/// CRLF line ends change nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto made = paste::read(text);
  const auto again = paste::read(with_carriage_returns(text));
  if (made.has_value() != again.has_value()) std::abort();
  if (!made) return made.error().hint.empty() ? (std::abort(), 1) : 0;
  const auto states = made->states();
  const auto connections =
      states.total() - states.of(tcp::state::listen) - states.of(tcp::state::bound_inactive);
  if (connections != sockets_in_groups(*made)) std::abort();
  if (connections > most_that_is_told(text)) std::abort();
  if (!(states == again->states())) std::abort();
  if (made->messages.size() != again->messages.size()) std::abort();
  if (made->series.size() != again->series.size()) std::abort();
  if (made->source_detail != again->source_detail) std::abort();
  return 0;
}
