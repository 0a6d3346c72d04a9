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
  constexpr std::string_view words[] = {
      "state",   "states",      "value",   "count",    "counts", "entries", "connection", "in",
      "last",    "connections", "sockets", "tcp",      "total",  "and",     "netstat",    "are",
      "current", "is",          "number",  "sessions", "of",     "conns",   "now"};
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
    const auto word = rest.substr(0, rest.find_first_of(" ,"));
    const bool is_time =
        word.find_first_of(":-") != std::string_view::npos && std::ranges::all_of(word, [](char c) {
          return is_digit(c) || std::string_view(":-./TZ+,[]").contains(c);
        });
    if (!is_time || word.size() == rest.size()) break;
    rest = trimmed(rest.substr(word.size() + 1));
  }
  return rest;
}

std::optional<std::uint64_t> number_of(std::string_view word) {
  std::string digits(word);
  std::erase(digits, ',');
  return whole_number(digits);
}

/// "close_wait=1210;200;500", "tcp_close_wait=1210i": a gauge as Nagios' plugins and InfluxDB's
/// line protocol write it, with its bounds or its type behind the number.
std::optional<state_pair> read_gauge(std::string_view word) {
  const auto sign = word.find('=');
  if (sign == std::string_view::npos) return std::nullopt;
  auto name = word.substr(0, sign);
  if (name.starts_with('\'')) name.remove_prefix(1);
  if (name.ends_with('\'')) name.remove_suffix(1);
  const auto value = word.substr(sign + 1);
  const auto end = std::min(value.find_first_not_of("0123456789"), value.size());
  const auto behind = value.substr(end);
  const auto number = whole_number(value.substr(0, end));
  const bool is_whole = behind.empty() || behind == "i" || behind == "u" || behind[0] == ';';
  const auto state = state_of(name);
  if (!state || !number || !is_whole) return std::nullopt;
  return state_pair{.state = *state, .count = *number};
}

/// The part of a line that is nothing but gauges: behind a plugin's bar, or InfluxDB's fields.
std::string_view gauges_in(std::string_view line) {
  if (line.starts_with("netstat,")) return line;
  const auto bar = line.rfind('|');
  if (bar == std::string_view::npos) return {};
  const auto gauges = trimmed(line.substr(bar + 1));
  const word_list words(gauges);
  const bool are_gauges = !words.empty() && std::ranges::all_of(words.all(), [](auto word) {
    return word.contains('=');
  });
  return are_gauges ? gauges : std::string_view{};
}

std::vector<state_pair> read_gauges(std::string_view line) {
  std::vector<state_pair> found;
  auto rest = gauges_in(line);
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of(" ,"), rest.size());
    if (const auto one = read_gauge(rest.substr(0, end))) found.push_back(*one);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return found;
}

/// PUTVAL "app1/tcpconns-8080-local/tcp_connections-CLOSE_WAIT" interval=10 1634000000:911
std::vector<state_pair> read_collectd(std::string_view line) {
  constexpr std::string_view type = "/tcp_connections-";
  const auto at = line.find(type);
  if (!line.starts_with("PUTVAL ") || at == std::string_view::npos) return {};
  const auto name = line.substr(at + type.size());
  const auto state = tcp::parse_state(name.substr(0, name.find_first_of("\" ")));
  const auto colon = line.rfind(':');
  if (!state || colon == std::string_view::npos) return {};
  const auto number = leading_number(line.substr(colon + 1));
  if (!number) return {};
  return {{.state = *state, .count = *number}};
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
  if (auto gauges = read_gauges(line); !gauges.empty()) return gauges;
  if (line.starts_with("PUTVAL ")) return read_collectd(line);
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
