#include "text/tokens.h"

#include <algorithm>

namespace waitstate::paste {
namespace {

struct printed_state {
  std::string_view word;
  tcp::state means;
};

constexpr printed_state printed_states[] = {
    {"ESTABLISHED", tcp::state::established},   {"SYN_SENT", tcp::state::syn_sent},
    {"SYN-SENT", tcp::state::syn_sent},         {"SYN_RECV", tcp::state::syn_received},
    {"SYN-RECV", tcp::state::syn_received},     {"SYN_RCVD", tcp::state::syn_received},
    {"SYN_RECEIVED", tcp::state::syn_received}, {"TIME_WAIT", tcp::state::time_wait},
    {"TIME-WAIT", tcp::state::time_wait},       {"CLOSE_WAIT", tcp::state::close_wait},
    {"CLOSE-WAIT", tcp::state::close_wait},     {"LAST_ACK", tcp::state::last_ack},
    {"LAST-ACK", tcp::state::last_ack},         {"LISTENING", tcp::state::listen},
    {"CLOSING", tcp::state::closing},
};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, upper, upper);
}

std::string_view bare(std::string_view word) {
  constexpr std::string_view around = "()[]{}\"'`,;.|*<>";
  const auto first = word.find_first_not_of(around);
  if (first == word.npos) return {};
  return word.substr(first, word.find_last_not_of(around) - first + 1);
}

}  // namespace

void tokens::part_up_to(std::size_t count) const {
  count = std::min(count, words_max);
  while (size_ < count) {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
    if (at_ == line_.size()) return;
    const auto begin = at_;
    while (at_ < line_.size() && !is_blank(line_[at_])) ++at_;
    words_[size_++] = line_.substr(begin, at_ - begin);
  }
}

std::string_view tokens::from(std::size_t index) const {
  const auto word = (*this)[index];
  if (word.empty()) return {};
  return line_.substr(static_cast<std::size_t>(word.data() - line_.data()));
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::optional<std::int32_t> parse_pid(std::string_view text) {
  return is_number(text) ? parse_number<std::int32_t>(text) : std::nullopt;
}

bool is_word_behind_prefix(std::string_view word, std::string_view wanted) {
  if (word.size() < wanted.size() || upper(word.back()) != upper(wanted.back())) return false;
  const auto prefix = word.substr(0, word.size() - wanted.size());
  if (!same_letters(word.substr(prefix.size()), wanted)) return false;
  constexpr std::string_view glue = ":>|\"'`-";
  return prefix.empty() || glue.find(prefix.back()) != glue.npos;
}

bool is_tcp_word(std::string_view word) {
  return std::ranges::any_of(std::array<std::string_view, 4>{"tcp", "tcp6", "tcp4", "tcp46"},
                             [&](auto name) { return is_word_behind_prefix(word, name); });
}

std::optional<std::size_t> find_tcp_word(const tokens& words) {
  for (std::size_t i = 0; i <= prefix_words_max && !words[i].empty(); ++i) {
    if (is_tcp_word(words[i])) return i;
  }
  return std::nullopt;
}

bool may_have_tcp_word(std::string_view line) {
  constexpr std::size_t prefix_max = 512;  // Eight words, long ones.
  const auto start = line.substr(0, prefix_max);
  return start.find("tcp") != start.npos || start.find("TCP") != start.npos;
}

std::optional<tcp::state> read_state(std::string_view word) {
  return tcp::parse_state(bare(word));
}

std::optional<tcp::state> read_cut_state(std::string_view word) {
  if (const auto whole = read_state(word)) return whole;
  constexpr std::size_t telling = 4;  // "CLOS" can still be two states, and is none.
  const auto letters = bare(word);
  if (letters.size() < telling) return std::nullopt;
  std::optional<tcp::state> found;
  for (const auto& [printed, means] : printed_states) {
    if (letters.size() > printed.size() ||
        !same_letters(letters, printed.substr(0, letters.size()))) {
      continue;
    }
    if (found && *found != means) return std::nullopt;
    found = means;
  }
  return found;
}

}  // namespace waitstate::paste
