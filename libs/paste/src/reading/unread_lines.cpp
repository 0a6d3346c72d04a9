#include "reading/unread_lines.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "facts/stated_number.h"
#include "text/words.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {
namespace {

bool is_owner_notice(std::string_view line) {
  return line.contains("Not all processes could be identified") ||
         line.contains("No info could be read for \"-p\"") ||
         line.contains("you would have to be root to see it all");
}

bool is_of_other_protocol(std::string_view text) {
  constexpr std::string_view protocols[] = {"udp", "unix", "raw", "icmp", "u_str", "nl "};
  return std::ranges::any_of(protocols, [&](auto p) { return starts_in_any_case(text, p); });
}

bool is_state(std::string_view word) {
  return word == "ESTABLISHED" || word == "LISTEN" ||
         (word.size() > 4 && (word.contains("_WAIT") || word.contains("-WAIT")));
}

/// A row that no reader takes has the protocol first, or a state among the words.
bool looks_like_row(std::string_view text) {
  // Two queues and two ends, or two ends, a state and an owner; no tool prints more than 14 words.
  constexpr std::size_t words_min = 4;
  constexpr std::size_t words_max = 14;
  const word_list words(text);
  if (words.size() < words_min) return false;
  if (starts_in_any_case(text, "tcp") && is_digit(words[1][0])) return true;
  return words.size() <= words_max && text.contains(':') &&
         std::ranges::any_of(words.all(), is_state);
}

/// "99999999999999999999 TIME_WAIT": a count that was not taken, and should not be passed over.
bool has_impossible_number(std::string_view text) {
  constexpr std::size_t digits_min = 10;  // No table of any kernel has a milliard sockets.
  const word_list words(text);
  const bool counts = std::ranges::any_of(words.all(), [](std::string_view word) {
    return word.size() >= digits_min && std::ranges::all_of(word, is_digit);
  });
  return counts && std::ranges::any_of(
                       words.all(), [](auto word) { return tcp::parse_state(word).has_value(); });
}

constexpr std::size_t shown_max = 80;  // One line of a terminal.

}  // namespace

void unread_lines::add_prose(std::string_view text) {
  for (const auto& spoken : read_spoken_counts(text)) {
    const auto known = std::ranges::find(spoken_, spoken.state, &spoken_count::state);
    if (known == spoken_.end()) {
      spoken_.push_back(spoken);
    } else {
      known->sockets = std::max(known->sockets, spoken.sockets);
    }
  }
  if (hanging_.empty() && says_that_it_hangs(text)) hanging_ = text.substr(0, shown_max);
}

void unread_lines::add(std::string_view line) {
  if (is_owner_notice(line)) {
    some_owners_hidden_ = true;
    return;
  }
  const auto text = trimmed(line);
  add_prose(text);
  if (auto stated = stated_number_in(text)) {
    const bool is_most = !statement_ || stated->sockets > statement_->sockets;
    if (is_most) statement_ = std::move(stated);
    return;
  }
  if (has_impossible_number(text)) ++impossible_;
  if (is_of_other_protocol(text) || !looks_like_row(text)) return;
  if (rows_++ == 0) first_row_ = text.substr(0, shown_max);
}

}  // namespace waitstate::paste
