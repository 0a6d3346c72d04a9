#include "facts/state_pairs.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>

#include "text/words.h"

namespace waitstate::paste {
namespace {

/// Nearly every line ends here.
bool may_have_pairs(std::string_view line) {
  constexpr std::string_view parts[] = {"WAIT", "wait", "Wait", "STAB", "stab", "SYN", "syn_"};
  return std::ranges::any_of(line, is_digit) &&
         std::ranges::any_of(parts, [&](auto part) { return line.contains(part); });
}

bool is_filler(std::string_view word) {
  constexpr std::string_view words[] = {"state",   "states",     "value", "count",       "counts",
                                        "entries", "connection", "in",    "connections", "sockets",
                                        "tcp",     "netstat",    "total", "and",         "are",
                                        "is",      "number",     "of",    "sessions",    "conns"};
  return std::ranges::find(words, lower(word)) != std::end(words) || word.ends_with('%');
}

std::optional<tcp::state> state_of(std::string_view word) {
  if (const auto state = tcp::parse_state(word)) return state;
  // "tcp_close_wait", "system.net.tcp4.close_wait": what monitors put before it; a bound is none.
  for (auto at = word.find_first_of("_.-"); at != std::string_view::npos;
       at = word.find_first_of("_.-", at + 1)) {
    const auto state = tcp::parse_state(word.substr(at + 1));
    if (!state) continue;
    const auto before = lower(word.substr(0, at));
    const bool is_count = (before.contains("tcp") || before.contains("conn")) &&
                          !before.contains("timeout") && !before.contains("max") &&
                          !before.contains("limit");
    return is_count ? state : std::nullopt;
  }
  return std::nullopt;
}

bool is_of_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '%';
}

/// "4,120" is one number; "12, 3" and "12,3" are two.
std::size_t number_end(std::string_view line, std::size_t at) {
  constexpr std::size_t group = 4;  // A comma and three digits.
  while (at < line.size() && is_digit(line[at])) ++at;
  const auto goes_on = [&] {
    const auto next = line.substr(at, group);
    return next.size() == group && next[0] == ',' &&
           std::ranges::all_of(next.substr(1), is_digit) &&
           (at + group == line.size() || !is_digit(line[at + group]));
  };
  while (goes_on()) at += group;
  return at;
}

/// The line behind the time at which a script took its counts.
std::string_view without_time(std::string_view line) {
  auto rest = trimmed(line);
  for (int words = 0; words < 2; ++words) {
    const auto word = rest.substr(0, rest.find(' '));
    const bool is_time =
        word.find_first_of(":-") != std::string_view::npos && std::ranges::all_of(word, [](char c) {
          return is_digit(c) || std::string_view(":-./TZ+,[]").contains(c);
        });
    if (!is_time || word.size() == rest.size()) break;
    rest = trimmed(rest.substr(word.size()));
  }
  return rest;
}

std::optional<std::uint64_t> number_of(std::string_view word) {
  std::string digits(word);
  std::erase(digits, ',');
  return whole_number(digits);
}

/// Pairs of a state and a number, whichever comes first, each time the same way round.
class pairing {
 public:
  bool take(std::optional<tcp::state> state, std::optional<std::uint64_t> number) {
    const bool is_first = !state_ && !number_;
    if (is_first && pairs_.empty()) state_comes_first_ = state.has_value();
    if (is_first && state.has_value() != state_comes_first_) return false;
    if (state && state_) return false;
    if (number && number_) return false;
    if (state) state_ = state;
    if (number) number_ = number;
    if (state_ && number_) {
      pairs_.push_back({.state = *state_, .count = *number_});
      state_.reset();
      number_.reset();
    }
    return true;
  }
  [[nodiscard]] bool is_whole() const { return !state_ && !number_; }
  [[nodiscard]] std::vector<state_pair> pairs() && { return std::move(pairs_); }

 private:
  std::optional<tcp::state> state_;
  std::optional<std::uint64_t> number_;
  bool state_comes_first_ = false;
  std::vector<state_pair> pairs_;
};

}  // namespace

std::vector<state_pair> read_state_pairs(std::string_view line) {
  if (!may_have_pairs(line)) return {};
  constexpr std::size_t line_max = 1'024;  // All states with long words, twice.
  line = without_time(line);
  if (line.size() > line_max) return {};
  pairing found;
  for (std::size_t at = 0; at < line.size();) {
    if (!is_of_word(line[at])) {
      constexpr std::string_view between = " \t,;:=|*\"'(){}[]`>#/";
      if (!between.contains(line[at])) return {};
      ++at;
      continue;
    }
    auto end = at;
    if (is_digit(line[at])) end = number_end(line, at);
    while (end < line.size() && is_of_word(line[end])) ++end;
    const auto word = line.substr(at, end - at);
    at = end;
    if (word == "-" || is_filler(word)) continue;
    const auto number = is_digit(word[0]) ? number_of(word) : std::nullopt;
    const auto state = number ? std::nullopt : state_of(word);
    if ((!number && !state) || !found.take(state, number)) return {};
  }
  if (!found.is_whole()) return {};
  auto pairs = std::move(found).pairs();
  const bool is_configuration = pairs.size() == 1 && pairs.front().state == tcp::state::listen;
  return is_configuration ? std::vector<state_pair>{} : pairs;
}

}  // namespace waitstate::paste
