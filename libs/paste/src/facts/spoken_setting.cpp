#include "facts/spoken_setting.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>

#include "text/words.h"

namespace waitstate::paste {
namespace {

/// Those that decide something here and are 0 or 1.
constexpr std::array<std::string_view, 4> switches{"tcp_tw_recycle", "tcp_tw_reuse",
                                                   "tcp_timestamps", "tcp_syncookies"};

bool has_word_of(std::span<const std::string_view> words,
                 std::initializer_list<std::string_view> of) {
  return std::ranges::any_of(words,
                             [&](auto word) { return std::ranges::find(of, word) != of.end(); });
}

std::string_view without_marks(std::string_view word) {
  constexpr std::string_view marks = "*`\"'()[],.:;!~<>";
  const auto first = word.find_first_not_of(marks);
  if (first == std::string_view::npos) return {};
  return word.substr(first, word.find_last_not_of(marks) - first + 1);
}

/// Its name as a word, with what sysctl puts before it or without.
std::string_view switch_named(std::string_view word) {
  constexpr std::string_view family = "net.ipv4.";
  if (word.starts_with(family)) word.remove_prefix(family.size());
  const auto* const found = std::ranges::find(switches, word);
  return found == switches.end() ? std::string_view{} : *found;
}

}  // namespace

std::optional<setting> read_spoken_setting(std::string_view line) {
  if (!line.contains("tcp_")) return std::nullopt;
  const auto small = lower(line);
  const word_list split(small);
  std::vector<std::string_view> words;
  words.reserve(split.size());
  for (const auto word : split.all()) words.push_back(without_marks(word));
  const auto named = std::ranges::find_if(words, [](auto w) { return !switch_named(w).empty(); });
  // "tcp_tw_recycle = 1" is no sentence, and one word is no more than a name.
  constexpr std::size_t sentence_min = 3;
  if (named == words.end() || words.size() < sentence_min || small.contains('?')) {
    return std::nullopt;
  }
  if (has_word_of(words, {"should", "would", "could", "can", "may", "might", "if", "whether", "try",
                          "never", "not", "don't", "dont", "isn't", "wasn't", "please", "unless",
                          "recommend", "recommended", "must", "when", "avoid",
                          // What somebody wrote of other hosts.
                          "article", "blog", "claims", "says", "guide", "suggests", "people",
                          "known", "according"})) {
    return std::nullopt;
  }
  constexpr std::ptrdiff_t near = 4;
  const auto from = words.begin() + std::max<std::ptrdiff_t>(named - words.begin() - near, 0);
  const auto to =
      words.begin() + std::min<std::ptrdiff_t>(named - words.begin() + near + 1, std::ssize(words));
  const std::span<const std::string_view> around(from, to);
  const bool on = has_word_of(around, {"enabled", "activated", "on", "enabling"});
  const bool off = has_word_of(around, {"disabled", "deactivated", "off", "disabling"});
  if (on == off) return std::nullopt;
  return make_setting("net.ipv4." + std::string(switch_named(*named)), on ? "1" : "0");
}

}  // namespace waitstate::paste
