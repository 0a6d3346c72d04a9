#include "facts/spoken_count.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "facts/stated_number.h"
#include "text/sentences.h"
#include "text/tokens.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

constexpr std::uint64_t worth_a_word = 20;  // Of fewer everybody speaks.

/// "CLOSE_WAIT", "(CLOSE-WAIT)", "`FIN_WAIT2`s", "close_wait": as tools print it, or with a bar
/// that no sentence has otherwise. "close wait" is a verb, too.
std::optional<tcp::state> named_state(std::string_view word) {
  constexpr std::string_view marks = "*`\"'()[]{},.:;!?~<>";
  const auto first = word.find_first_not_of(marks);
  if (first == std::string_view::npos) return std::nullopt;
  word = word.substr(first, word.find_last_not_of(marks) - first + 1);
  if (word.ends_with('s')) word.remove_suffix(1);
  word = word.substr(0, word.find_last_not_of(marks) + 1);
  const auto state = tcp::parse_state(word);
  if (!state || *state == tcp::state::listen || *state == tcp::state::unknown) return std::nullopt;
  const bool has_bar = word.find_first_of("_-") != std::string_view::npos;
  return has_bar || word == "ESTABLISHED" || word == "CLOSED" ? state : std::nullopt;
}

bool is_one_of(std::string_view word, std::span<const std::string_view> of) {
  return std::ranges::find(of, lower(word)) != of.end();
}

/// What could be, and no report of what is.
bool is_no_report(std::span<const std::string_view> words) {
  constexpr std::string_view hedges[] = {"if",    "would",  "could",   "should", "might",
                                         "allow", "allows", "example", "expect", "suppose"};
  return std::ranges::any_of(words, [&](auto word) { return is_one_of(word, hedges); });
}

/// "a limit of 4000", "up to 4000", "an alert fires at 4000": the number is a bound.
bool is_bound(std::span<const std::string_view> words, std::size_t i) {
  constexpr std::string_view bounds[] = {"max",   "maximum",   "limit", "up",
                                         "alert", "threshold", "than",  "="};
  constexpr std::string_view more[] = {"more", "greater", "higher", "larger"};
  constexpr std::size_t words_before = 4;
  for (auto k = i; k > 0 && k + words_before > i; --k) {
    if (!is_one_of(words[k - 1], bounds)) continue;
    const bool compares = lower(words[k - 1]) == "than" && k > 1 && is_one_of(words[k - 2], more);
    if (!compares) return true;
  }
  return false;
}

/// "240 out of 420": of how many they are is not how many they are.
bool is_the_whole(std::span<const std::string_view> words, std::size_t i) {
  return i >= 2 && lower(words[i - 1]) == "of" &&
         (lower(words[i - 2]) == "out" || spoken_number(words[i - 2]).has_value());
}

/// The count whose number is `words[i]`: its state stands behind it or, in "CLOSE_WAIT connections
/// even reach 1340", before it.
std::optional<tcp::state> state_counted(std::span<const std::string_view> words, std::size_t i) {
  constexpr std::size_t words_between = 6;
  auto behind = i + 1;
  if (behind < words.size() && lower(words[behind]) == "out") ++behind;
  for (auto k = behind + 1; k < words.size() && k <= behind + 1; ++k) {
    if (is_the_whole(words, k)) behind = k + 1;
  }
  for (auto k = behind; k < words.size() && k < behind + words_between; ++k) {
    if (const auto state = named_state(words[k])) return state;
  }
  for (auto k = i; k > 0 && k + words_between > i; --k) {
    if (const auto state = named_state(words[k - 1])) return state;
  }
  return std::nullopt;
}

/// "2211 41022 10.0.0.9 443 CLOSE_WAIT" is a row of some table: a sentence has words, in any
/// script.
bool has_words(std::span<const std::string_view> words) {
  constexpr std::ptrdiff_t words_min = 2;
  const auto is_word = [](std::string_view word) {
    return word.size() > 1 && std::ranges::all_of(word.substr(0, word.size() - 1), [](char c) {
             return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
           });
  };
  return std::ranges::count_if(words, is_word) >= words_min;
}

void read_sentence(std::string_view sentence, std::vector<spoken_count>& found) {
  constexpr std::size_t words_min = 5;  // A line of fewer is a row of counts.
  const tokens split(sentence);
  const auto size = split.size();
  if (size < words_min) return;
  std::vector<std::string_view> words;
  words.reserve(size);
  for (std::size_t i = 0; i < size; ++i) words.push_back(split[i]);
  if (is_no_report(words) || !has_words(words)) return;
  for (std::size_t i = 0; i < size; ++i) {
    const auto number = spoken_number(words[i]);
    if (!number || *number < worth_a_word || is_bound(words, i)) continue;
    if (is_the_whole(words, i)) continue;
    const auto state = state_counted(words, i);
    if (!state) continue;
    const bool is_known = std::ranges::any_of(found, [&](auto& c) { return c.state == *state; });
    if (!is_known) found.push_back({.state = *state, .sockets = *number});
  }
}

bool hangs(std::string_view sentence) {
  constexpr std::string_view sayings[] = {" hung",
                                          " hangs",
                                          " hanging",
                                          "unresponsive",
                                          "not responding",
                                          "stops responding",
                                          "stop responding",
                                          "stopped responding",
                                          "does not respond",
                                          "doesn't respond",
                                          "doesn't answer",
                                          "does not answer",
                                          "got stuck",
                                          "gets stuck",
                                          " froze",
                                          " freezes",
                                          "no longer responds",
                                          "stops answering"};
  constexpr std::string_view guesses[] = {"may ",   "might", "appear", "seem",
                                          "could ", "if ",   "or that"};
  const auto said = lower(sentence);
  const auto holds = [&](auto part) { return said.contains(part); };
  return std::ranges::any_of(sayings, holds) && std::ranges::none_of(guesses, holds);
}

}  // namespace

std::vector<spoken_count> read_spoken_counts(std::string_view line) {
  std::vector<spoken_count> found;
  const bool may_have = std::ranges::any_of(line, is_digit) &&
                        (line.contains("WAIT") || line.contains("SYN") || line.contains("ED") ||
                         line.contains("_wait") || line.contains("-wait") ||
                         line.contains("_Wait") || line.contains("-Wait") || line.contains("syn_"));
  if (!may_have) return found;
  for_each_sentence(line, [&](std::string_view sentence) { read_sentence(sentence, found); });
  return found;
}

bool says_that_it_hangs(std::string_view line) {
  // Nearly every line ends here.
  constexpr std::string_view parts[] = {"hung",  "hang",  "espon", "answer",
                                        "stuck", "froze", "freez"};
  if (std::ranges::none_of(parts, [&](auto part) { return line.contains(part); })) return false;
  bool said = false;
  for_each_sentence(line, [&](std::string_view sentence) { said = said || hangs(sentence); });
  return said;
}

}  // namespace waitstate::paste
