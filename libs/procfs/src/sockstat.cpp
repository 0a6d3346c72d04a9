#include "waitstate/procfs/sockstat.h"

#include <algorithm>
#include <iterator>

#include "waitstate/procfs/text.h"

namespace waitstate::procfs {
namespace {

std::optional<std::uint64_t>* field_of(socket_totals& totals, std::string_view name) {
  if (name == "inuse") return &totals.in_use;
  if (name == "orphan") return &totals.orphan;
  if (name == "tw") return &totals.time_wait;
  if (name == "alloc") return &totals.allocated;
  if (name == "mem") return &totals.memory_pages;
  return nullptr;
}

/// The number that a word starts with: who pastes a line puts commas behind them.
std::optional<std::uint64_t> leading_number(std::string_view word) {
  constexpr std::uint64_t number_max = std::uint64_t{1} << 53;  // More is no count of sockets.
  const auto digits = word.substr(0, word.find_first_not_of("0123456789"));
  const auto number = to_number<std::uint64_t>(digits);
  return number && *number <= number_max ? number : std::nullopt;
}

std::optional<sockstat_line::kind> kind_of(std::string_view group) {
  constexpr std::string_view others[] = {"UDP", "UDP6", "UDPLITE", "UDPLITE6",
                                         "RAW", "RAW6", "FRAG",    "FRAG6"};
  if (group == "TCP") return sockstat_line::kind::tcp;
  if (group == "TCP6") return sockstat_line::kind::tcp6;
  if (std::ranges::find(others, group) != std::end(others)) return sockstat_line::kind::other;
  return std::nullopt;
}

}  // namespace

std::optional<sockstat_line> read_sockstat_line(std::string_view line) {
  if (line.starts_with("sockets: used")) return sockstat_line{};
  const auto kind = kind_of(take_until(line, ':'));
  // `ss -s` begins a line with "TCP:" too.
  auto behind = line;
  if (!kind || take_word(behind) != "inuse") return std::nullopt;
  sockstat_line found{.what = *kind};
  if (*kind == sockstat_line::kind::other) return found;
  for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
    auto* const field = field_of(found.totals, word);
    auto rest = line;
    const auto number = leading_number(take_word(rest));
    if (field == nullptr || !number) continue;
    *field = number;
    line = rest;
  }
  if (!found.totals.in_use) return std::nullopt;
  return found;
}

void add_sockstat(socket_totals& to, std::string_view text) {
  while (!text.empty()) {
    const auto line = read_sockstat_line(take_until(text, '\n'));
    if (!line || line->what == sockstat_line::kind::other) continue;
    const auto& read = line->totals;
    to.in_use = to.in_use.value_or(0) + read.in_use.value_or(0);
    if (read.orphan) to.orphan = read.orphan;
    if (read.time_wait) to.time_wait = read.time_wait;
    if (read.allocated) to.allocated = read.allocated;
    if (read.memory_pages) to.memory_pages = read.memory_pages;
  }
}

}  // namespace waitstate::procfs
