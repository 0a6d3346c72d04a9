#include "facts/stated_number.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "text/words.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {
namespace {

std::string_view without_marks(std::string_view word) {
  constexpr std::string_view marks = "*`\"'(),.:;!?~<>";
  const auto first = word.find_first_not_of(marks);
  if (first == std::string_view::npos) return {};
  return word.substr(first, word.find_last_not_of(marks) - first + 1);
}

/// "7513", "15,000", "25k".
std::optional<std::uint64_t> spoken_number(std::string_view word) {
  std::string digits(word);
  std::uint64_t unit = 1;
  if (digits.ends_with('k') || digits.ends_with('K')) {
    digits.pop_back();
    unit = 1'000;
  }
  if (digits.ends_with('+')) digits.pop_back();
  const bool is_grouped = digits.contains(',') && digits.size() - digits.rfind(',') == 4;
  if (is_grouped) std::erase(digits, ',');
  constexpr std::uint64_t sockets_max = 100'000'000;  // More no host has.
  const auto number = whole_number(digits);
  if (!number || *number > sockets_max) return std::nullopt;
  return *number * unit;
}

bool is_of_sockets(std::string_view word) {
  const auto l = lower(word);
  return l == "connections" || l == "sockets" || l == "conns" || l == "connection" ||
         tcp::parse_state(word).has_value();
}

/// A limit, and no number of what there is.
bool is_about_a_bound(std::string_view line) {
  constexpr std::string_view words[] = {"max",     "limit",  "up to", "per second", "allow",  "=",
                                        "backlog", "should", "would", "could",      "support"};
  const auto l = lower(line);
  return std::ranges::any_of(words, [&](auto w) { return l.contains(w); });
}

}  // namespace

std::optional<stated_number> stated_number_in(std::string_view line) {
  constexpr std::uint64_t worth_a_word = 100;
  // "15,000 TCP connections", "7513 open connections", "25k of them in TIME_WAIT".
  constexpr std::size_t words_between = 4;
  constexpr std::size_t shown_max = 80;  // One line of a terminal.
  if (std::ranges::none_of(line, is_digit)) return std::nullopt;
  const word_list words(line);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = spoken_number(without_marks(words[i]));
    if (!number || *number < worth_a_word) continue;
    for (auto k = i + 1; k <= std::min(i + words_between, words.size()); ++k) {
      if (!is_of_sockets(without_marks(words[k]))) continue;
      if (is_about_a_bound(line)) return std::nullopt;
      return stated_number{.sockets = *number, .text = std::string(line.substr(0, shown_max))};
    }
  }
  return std::nullopt;
}

}  // namespace waitstate::paste
