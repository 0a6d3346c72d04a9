#include "facts/stated_number.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "text/tokens.h"
#include "text/words.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {
namespace {

std::string_view without_marks(std::string_view word) {
  constexpr std::string_view marks = "*`\"'()[],.:;!?~<>";
  const auto first = word.find_first_not_of(marks);
  if (first == std::string_view::npos) return {};
  return word.substr(first, word.find_last_not_of(marks) - first + 1);
}

constexpr std::uint64_t sockets_max = 100'000'000;  // More no host has.
constexpr std::uint64_t worth_a_word = 100;

/// Of "1500-2500" the second.
std::optional<std::uint64_t> number_of(std::string_view word) {
  const auto dash = word.find('-');
  if (dash != std::string_view::npos && dash > 0 && is_digit(word[0])) {
    word.remove_prefix(dash + 1);
  }
  std::string digits(word);
  if (digits.ends_with('+')) digits.pop_back();
  std::uint64_t unit = 1;
  if (digits.ends_with('k') || digits.ends_with('K')) {
    digits.pop_back();
    unit = 1'000;
  }
  if (digits.ends_with('+')) digits.pop_back();
  const bool has_tenths = unit > 1 && digits.size() > 2 && digits[digits.size() - 2] == '.';
  if (has_tenths) {
    digits.erase(digits.size() - 2, 1);
    unit /= 10;
  }
  const bool is_grouped = digits.contains(',') && digits.size() - digits.rfind(',') == 4;
  if (is_grouped) std::erase(digits, ',');
  const auto number = whole_number(digits);
  if (!number || *number > sockets_max) return std::nullopt;
  return *number * unit;
}

/// At least so many, where people count by words: "hundreds of these".
std::optional<std::uint64_t> vague_number(std::string_view word) {
  constexpr std::uint64_t burst = 20;
  const auto l = lower(word);
  if (l == "thousands") return 2'000;
  if (l == "hundreds") return 2 * worth_a_word;
  const bool is_many = l == "many" || l == "lots" || l == "lot" || l == "tons" || l == "ton" ||
                       l == "loads" || l == "bunch" || l == "dozens" || l == "numerous";
  return is_many ? std::optional(burst) : std::nullopt;
}

/// "of these:", "of them", "of such lines", "lines like this": the rows beside the sentence.
bool is_of_rows(const tokens& words, std::size_t i) {
  constexpr std::string_view rows[] = {"lines",   "entries",     "rows",  "records",
                                       "sockets", "connections", "conns", "ones"};
  const auto is_row = [&](std::string_view word) {
    return std::ranges::find(rows, lower(word)) != std::end(rows);
  };
  if (lower(without_marks(words[i])) == "times") return true;
  if (lower(words[i]) == "of") ++i;
  const auto pointed = lower(without_marks(words[i]));
  const bool points = pointed == "these" || pointed == "those" || pointed == "such";
  const auto next = without_marks(words[i + 1]);
  if (pointed == "them") return next.empty() || words[i].ends_with(':');
  if (points) return next.empty() || words[i].ends_with(':') || is_row(next);
  return is_row(pointed) && lower(next) == "like";
}

/// The words around the one at `i`, as much as a line of a terminal shows.
std::string around(std::string_view line, const tokens& words, std::size_t i) {
  constexpr std::size_t words_before = 6;
  constexpr std::size_t shown_max = 80;
  const auto first = words[i > words_before ? i - words_before : 0];
  return std::string(line.substr(static_cast<std::size_t>(first.data() - line.data()), shown_max));
}

/// "repeated many times", "[repeated 17 times]", "hundreds of these:".
std::optional<stated_number> number_of_rows(std::string_view line, const tokens& words) {
  const bool repeats = lower(line).contains("repeat");
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = without_marks(words[i]);
    const auto spoken = number_of(word);
    const auto number = spoken ? spoken : vague_number(word);
    const bool is_times = lower(without_marks(words[i + 1])) == "times";
    if (!number || !is_of_rows(words, i + 1) || (is_times && !repeats)) continue;
    if (spoken && *spoken < worth_a_word && !is_times) continue;
    return stated_number{.sockets = *number, .text = around(line, words, i), .of_rows = true};
  }
  return std::nullopt;
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

std::optional<std::uint64_t> spoken_number(std::string_view word) {
  auto digits = without_marks(word);
  const auto dash = digits.find('-');
  const bool is_range = dash != std::string_view::npos && dash > 0 && dash + 1 < digits.size() &&
                        is_digit(digits[0]) && is_digit(digits[dash + 1]);
  if (is_range) digits = digits.substr(0, dash);
  return number_of(digits);
}

std::optional<stated_number> stated_number_in(std::string_view line) {
  // "15,000 TCP connections", "7513 open connections", "25k of them in TIME_WAIT".
  constexpr std::size_t words_between = 4;
  const bool has_number = std::ranges::any_of(line, is_digit);
  const bool may_be_vague = line.contains("of ") || line.contains("many") || line.contains("times");
  if (!has_number && !may_be_vague) return std::nullopt;
  const tokens words(line);
  if (auto of_rows = number_of_rows(line, words)) return of_rows;
  if (!has_number) return std::nullopt;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = number_of(without_marks(words[i]));
    if (!number || *number < worth_a_word) continue;
    for (auto k = i + 1; k <= std::min(i + words_between, words.size()); ++k) {
      if (!is_of_sockets(without_marks(words[k]))) continue;
      if (is_about_a_bound(line)) return std::nullopt;
      return stated_number{.sockets = *number, .text = around(line, words, i)};
    }
  }
  return std::nullopt;
}

}  // namespace waitstate::paste
