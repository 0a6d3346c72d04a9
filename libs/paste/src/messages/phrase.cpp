#include "messages/phrase.h"

#include <algorithm>

#include "text/words.h"

namespace waitstate::paste {
namespace {

bool is_word_char(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}

}  // namespace

bool has_phrase(std::string_view line, std::string_view phrase) {
  for (auto at = line.find(phrase); at != std::string_view::npos; at = line.find(phrase, at + 1)) {
    const auto end = at + phrase.size();
    const bool open = at == 0 || !is_word_char(phrase.front()) || !is_word_char(line[at - 1]);
    const bool closed =
        end == line.size() || !is_word_char(phrase.back()) || !is_word_char(line[end]);
    if (open && closed) return true;
  }
  return false;
}

bool has_any(std::string_view line, std::span<const std::string_view> phrases) {
  return std::ranges::any_of(phrases, [&](auto p) { return has_phrase(line, p); });
}

bool has_any(std::string_view line, std::initializer_list<std::string_view> phrases) {
  return has_any(line, std::span(phrases.begin(), phrases.size()));
}

}  // namespace waitstate::paste
