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

std::uint64_t sockets_in_groups(const waitstate::snapshot& s) {
  std::uint64_t sum = s.dropped;
  for (const auto& g : s.groups) sum += g.count;
  return sum;
}

}  // namespace

/// Every socket is in a group or counted as dropped; CRLF line ends change nothing.
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
  if (!(states == again->states())) std::abort();
  if (made->messages.size() != again->messages.size()) std::abort();
  if (made->series.size() != again->series.size()) std::abort();
  if (made->source_detail != again->source_detail) std::abort();
  return 0;
}
