#include "messages/error_tally.h"

#include <algorithm>

#include "text/words.h"

namespace waitstate::paste {
namespace {

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

/// Behind the number of a sum stands its share, a comma, or nothing.
bool ends_sum(std::string_view behind) {
  const auto rest = trimmed(behind);
  return rest.empty() || rest == "," || rest == "|" ||
         (rest.starts_with('(') && rest.contains('%'));
}

/// "EADDRINUSE: 2531", "| EADDRINUSE | 2531 |", ""EADDRINUSE": 2531,", "errors.EADDRINUSE: ...
/// 2531".
std::optional<std::uint64_t> sum_of_code(std::string_view text) {
  constexpr std::string_view before = "|-*\"'` \t";
  constexpr std::string_view between = ":|.=\"'` \t";
  constexpr std::size_t code_min = 4;  // EPIPE has five.
  text.remove_prefix(std::min(text.find_first_not_of(before), text.size()));
  if (text.starts_with("errors.")) text.remove_prefix(std::string_view("errors.").size());
  const auto letters =
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_capital) - text.begin());
  if (letters < code_min || text.front() != 'E') return std::nullopt;
  const auto digits = text.find_first_not_of(between, letters);
  if (digits == text.npos || digits == letters || !is_digit(text[digits])) return std::nullopt;
  // ":::3000" is an address.
  const auto parting = text.substr(letters, digits - letters);
  if (std::ranges::count(parting, ':') > 1) return std::nullopt;
  const auto end = std::min(text.find_first_not_of("0123456789", digits), text.size());
  return ends_sum(text.substr(end)) ? leading_number(text.substr(digits)) : std::nullopt;
}

/// "[4412]<tab>Get ...": a log's "[4412] " is a process.
std::optional<std::uint64_t> sum_in_front(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  const auto close = text.find(']');
  if (close == text.npos || close + 1 >= text.size() || text[close + 1] != '\t') {
    return std::nullopt;
  }
  return whole_number(text.substr(1, close - 1));
}

/// "...   3456 (78.12%)" and "... - 4412".
std::optional<std::uint64_t> sum_at_end(std::string_view text) {
  const word_list words(text);
  if (words.size() < 3 || words.more()) return std::nullopt;
  const auto last = words[words.size() - 1];
  const auto before = words[words.size() - 2];
  if (last.starts_with('(') && last.ends_with("%)")) return whole_number(before);
  return before == "-" ? whole_number(last) : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> tally_of(std::string_view line) {
  const auto text = trimmed(line);
  if (const auto sum = sum_of_code(text)) return sum;
  if (const auto sum = sum_in_front(text)) return sum;
  return sum_at_end(text);
}

std::optional<httperf_errors> read_httperf_errors(std::string_view line) {
  if (!line.contains("fd-unavail ") || !line.contains("addrunavail ")) return std::nullopt;
  return httperf_errors{.no_descriptor = number_after(line, "fd-unavail ").value_or(0),
                        .no_address = number_after(line, "addrunavail ").value_or(0),
                        .table_full = number_after(line, "ftab-full ").value_or(0)};
}

}  // namespace waitstate::paste
