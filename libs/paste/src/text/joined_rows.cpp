#include "text/joined_rows.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "text/tokens.h"

namespace waitstate::paste {
namespace {

/// Two rows of the shortest tool have more, and four endpoints.
constexpr std::size_t two_rows_min = 80;
constexpr std::size_t looked_at_max = 8'192;

using four_words = std::array<std::string_view, 4>;

bool is_protocol(std::string_view word) {
  return word == "tcp" || word == "tcp6" || word == "tcp4" || word == "tcp46" || word == "TCP";
}

bool is_netid(std::string_view word) {
  return is_protocol(word) || word == "udp" || word == "UDP" || word == "v_str" || word == "dccp";
}

/// As ss writes it.
bool is_state(std::string_view word) {
  constexpr std::string_view states[] = {"ESTAB",      "LISTEN",     "TIME-WAIT", "CLOSE-WAIT",
                                         "FIN-WAIT-1", "FIN-WAIT-2", "SYN-SENT",  "SYN-RECV",
                                         "LAST-ACK",   "CLOSING",    "UNCONN"};
  return std::ranges::find(states, word) != std::end(states);
}

bool is_endpoint(std::string_view word) {
  return word.find_first_of(":.") != std::string_view::npos &&
         std::ranges::any_of(word, [](char c) { return is_digit(c) || c == '*'; });
}

bool are_queues_and_end(const four_words& words) {
  return is_number(words[1]) && is_number(words[2]) && is_endpoint(words[3]);
}

bool begins_row(std::string_view before, const four_words& words) {
  if (is_protocol(words[0])) {
    const bool of_ss = is_state(words[1]) && is_number(words[2]) && is_number(words[3]);
    const bool of_windows = is_endpoint(words[1]) && is_endpoint(words[2]) && words[0] == "TCP";
    return of_ss || of_windows || are_queues_and_end(words);
  }
  return is_state(words[0]) && !is_netid(before) && are_queues_and_end(words);
}

}  // namespace

std::size_t next_row_in(std::string_view line) {
  if (line.size() < two_rows_min) return std::string_view::npos;
  line = line.substr(0, looked_at_max);
  constexpr auto endpoints_min = 4;
  if (std::ranges::count_if(line, [](char c) { return c == ':' || c == '.'; }) < endpoints_min) {
    return std::string_view::npos;
  }
  std::string_view before;
  four_words words;  // The first is the one that may begin a row.
  std::size_t known = 0;
  for (std::size_t at = 0;;) {
    while (at < line.size() && is_blank(line[at])) ++at;
    const auto begin = at;
    while (at < line.size() && !is_blank(line[at])) ++at;
    if (known == words.size()) {
      before = words[0];
      std::ranges::move(words.begin() + 1, words.end(), words.begin());
      --known;
    }
    words[known++] = line.substr(begin, at - begin);
    if (known == words.size() && !before.empty() && begins_row(before, words)) {
      return static_cast<std::size_t>(words[0].data() - line.data());
    }
    if (begin == at) return std::string_view::npos;
  }
}

}  // namespace waitstate::paste
