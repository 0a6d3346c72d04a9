#include "facts/count_line.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

#include "text/words.h"
#include "waitstate/tcp/address.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::paste {
namespace {

bool is_masked(std::string_view text) {
  constexpr std::size_t shortest = std::string_view("x.x.x.x").size();
  constexpr std::ptrdiff_t dots = 3;
  return text.size() >= shortest && std::ranges::count(text, '.') == dots &&
         std::ranges::all_of(text, [](char c) {
           return is_digit(c) || c == '.' || c == 'x' || c == 'X' || c == '*' || c == '?';
         });
}

bool is_address(std::string_view text) {
  return is_masked(text) || tcp::parse_address(text).has_value();
}

std::optional<text_endpoint> endpoint_of(std::string_view word) {
  if (is_address(word)) return text_endpoint{.host = word, .port = 0};
  auto colon = word.rfind(':');
  // BSD: 10.0.0.1.443
  if (colon == std::string_view::npos && std::ranges::count(word, '.') == 4)
    colon = word.rfind('.');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = word.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port = tcp::parse_port(word.substr(colon + 1));
  if (!port || !is_address(host)) return std::nullopt;
  return text_endpoint{.host = host, .port = *port};
}

bool is_header_word(std::string_view word) {
  return word == "established)" || word == "Foreign" || word == "State" || word == "Address" ||
         word == "servers)" || word == "Local" || word == "Recv-Q" || word == "Peer" ||
         word == "Name" || word == "-" || word == "Address:Port" || word == "st" ||
         word == "UNCONN";  // ss, of UDP mostly: no connection.
}

bool is_protocol(std::string_view word) {
  return word == "tcp" || word == "tcp4" || word == "tcp6" || word == "TCP";
}

/// The state column of /proc/net/tcp, alone or beside the name that somebody gave it: "06
/// TIME_WAIT".
std::optional<tcp::state> kernel_state(std::string_view word) {
  if (word.size() != 2 || word[0] != '0') return std::nullopt;
  const auto digit = std::string_view("0123456789ABC").find(word[1]);
  if (digit == 0 || digit == std::string_view::npos) return std::nullopt;
  return static_cast<tcp::state>(digit);
}

/// The process behind "Bound," of PowerShell's Group-Object State,OwningProcess.
bool read_owning_process(std::string_view word, count_line& c) {
  const auto pid = whole_number(word);
  if (!pid || *pid > std::numeric_limits<std::int32_t>::max()) return false;
  c.pid = static_cast<std::int32_t>(*pid);
  return true;
}

bool read_program(std::string_view word, count_line& c) {
  const auto slash = word.find('/');
  if (slash == 0 || slash == std::string_view::npos) return false;
  const auto pid = whole_number(word.substr(0, slash));
  if (!pid || *pid > std::numeric_limits<std::int32_t>::max()) return false;
  c.pid = static_cast<std::int32_t>(*pid);
  c.program = word.substr(slash + 1);
  return !c.program.empty();
}

/// users:(("php-fpm8.1",pid=2011,fd=12)) of `ss -p`, whose column was counted.
bool read_users(std::string_view word, count_line& c) {
  constexpr std::string_view mark = "users:((\"";
  if (!word.starts_with(mark)) return false;
  c.program = word.substr(mark.size(), word.find('"', mark.size()) - mark.size());
  if (const auto pid = number_after(word, "pid=");
      pid && *pid <= std::numeric_limits<std::int32_t>::max()) {
    c.pid = static_cast<std::int32_t>(*pid);
  }
  return !c.program.empty();
}

/// Without what stands around a cell of a page's table, of JSON, or of a word that is stressed.
std::string_view undecorated(std::string_view word) {
  constexpr std::string_view marks = "|*`\"',~:=.";
  const auto first = word.find_first_not_of(marks);
  if (first == std::string_view::npos) return {};
  return word.substr(first, word.find_last_not_of(marks) - first + 1);
}

/// Finds what one of the other words is; false where it is nothing of ours.
bool read_word(std::string_view word, count_line& c) {
  while (word.size() > 1 && (word.ends_with(':') || word.ends_with('=') || word.ends_with(','))) {
    word.remove_suffix(1);
  }
  if (word.starts_with('(') && word.ends_with(')') && word.size() > 2) {
    word = word.substr(1, word.size() - 2);  // lsof: (CLOSE_WAIT)
  }
  if (is_protocol(word)) return true;
  if (const auto state = kernel_state(word)) {
    c.kernel_state = state;
    return true;
  }
  if (is_header_word(word)) {
    c.noise = true;
    return true;
  }
  if (const auto state = tcp::parse_state(word)) {
    c.state = *state;
    return true;
  }
  if (const auto endpoint = endpoint_of(word)) {
    c.endpoint = endpoint;
    return true;
  }
  if (read_program(word, c) || read_users(word, c)) return true;
  if (!c.label.empty() || word.starts_with('#') || undecorated(word).empty()) return false;
  c.label = word;
  return true;
}

std::optional<count_line> read_words(std::span<const std::string_view> words, std::uint64_t count) {
  count_line c{.count = count, .endpoint = {}, .program = {}, .label = {}};
  bool owner_follows = false;
  for (const auto word : words) {
    // PowerShell's Group column.
    if (word.starts_with('{')) break;
    if (owner_follows && read_owning_process(word, c)) continue;
    if (!read_word(word, c)) return std::nullopt;
    owner_follows = c.state != tcp::state::unknown && word.ends_with(',');
  }
  return c;
}

/// "TIME_WAIT=5" and "TIME_WAIT:5" in one word.
std::optional<count_line> read_joined(std::string_view word) {
  const auto sign = word.find_last_of("=:");
  if (sign == 0 || sign == std::string_view::npos) return std::nullopt;
  const auto count = whole_number(word.substr(sign + 1));
  const auto state = tcp::parse_state(word.substr(0, sign));
  if (!count || !state) return std::nullopt;
  return count_line{.count = *count, .state = *state, .endpoint = {}, .program = {}, .label = {}};
}

/// "2300" and, as people write it, "2,300".
std::optional<std::uint64_t> grouped_number(std::string_view word) {
  if (const auto number = whole_number(word)) return number;
  const auto comma = word.find(',');
  if (comma == 0 || comma > 3 || comma == std::string_view::npos) return std::nullopt;
  std::string digits(word.substr(0, comma));
  for (auto rest = word.substr(comma); !rest.empty(); rest.remove_prefix(4)) {
    if (rest.size() < 4 || rest[0] != ',') return std::nullopt;
    digits += rest.substr(1, 3);
  }
  return whole_number(digits);
}

bool begins_comment(std::string_view word) {
  return word.starts_with('#') || word.starts_with("//") || word.starts_with('<') ||
         word.starts_with('(') || word.starts_with('[') || word.starts_with("--") ||
         static_cast<unsigned char>(word[0]) >= 0x80;
}

/// "CLOSE_WAIT 23 # leak", "| CLOSE_WAIT | 2,300 |", "**2300** TIME_WAIT (95%)": a state and a
/// number, and nothing behind them but what begins a comment.
std::optional<count_line> read_decorated(std::string_view line) {
  count_line c{.endpoint = {}, .program = {}, .label = {}};
  bool has_count = false;
  for (const auto written : word_list(line).all()) {
    const bool is_whole = has_count && c.state != tcp::state::unknown;
    const auto word = undecorated(written);
    if (word.empty() || word == "-" || word == "->" || word == "=>") continue;
    if (is_whole) return begins_comment(written) ? std::optional(c) : std::nullopt;
    const auto number = grouped_number(word);
    const auto state = tcp::parse_state(word);
    if (!has_count && number) {
      c.count = *number;
      has_count = true;
    } else if (c.state == tcp::state::unknown && state) {
      c.state = *state;
    } else {
      return std::nullopt;
    }
  }
  return has_count && c.state != tcp::state::unknown ? std::optional(c) : std::nullopt;
}

std::optional<count_line> read_plain(std::string_view line) {
  // "120 tcp 10.0.0.5:3306 ESTAB 1464/nginx" and one more; longer lines are prose that has a number
  // at an end. PowerShell's Group-Object prints as much as it can behind a brace.
  constexpr std::ptrdiff_t words_max = 6;
  const word_list words(line);
  if (words.empty()) return std::nullopt;
  const auto all = words.all();
  const auto names_end = std::ranges::find_if(all, [](auto w) { return w.starts_with('{'); });
  if (names_end - all.begin() > words_max) return std::nullopt;
  if (all.size() == 1) {
    if (const auto count = whole_number(all[0])) return read_words({}, *count);
    return read_joined(all[0]);
  }
  if (const auto count = whole_number(all.front())) return read_words(all.subspan(1), *count);
  const auto count = whole_number(all.back());
  if (!count) return std::nullopt;
  auto names = all.first(all.size() - 1);
  if (names.size() > 1 && (names.back() == "=" || names.back() == ":" || names.back() == "->" ||
                           names.back() == "=>" || names.back() == "-")) {
    names = names.first(names.size() - 1);
  }
  return read_words(names, *count);
}

}  // namespace

std::optional<count_line> read_count_line(std::string_view line) {
  const auto plain = read_plain(line);
  return plain ? plain : read_decorated(line);
}

}  // namespace waitstate::paste
