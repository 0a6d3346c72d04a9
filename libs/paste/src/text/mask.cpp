#include "text/mask.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "text/tokens.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

constexpr std::size_t mask_max = 32;  // "the public address of my server"

bool is_of_mask(char c) {
  return is_letter(c) || is_digit(c) || c == ' ' || c == '_' || c == '-' || c == '.' || c == '*';
}

char closing(char open) {
  switch (open) {
    case '[': return ']';
    case '<': return '>';
    case '{': return '}';
    case '(': return ')';
    default: return '\0';
  }
}

/// The size of "[MY IP]" at the start of `text`, with blanks inside and a port behind; else 0.
std::size_t mask_in_brackets(std::string_view text) {
  const auto close = closing(text.front());
  if (close == '\0') return 0;
  const auto end = text.substr(0, mask_max).find(close);
  if (end == text.npos || end + 2 >= text.size() || text[end + 1] != ':') return 0;
  const auto inside = text.substr(1, end - 1);
  const bool is_one = is_letter(inside.empty() ? ' ' : inside.front()) && inside.contains(' ') &&
                      std::ranges::all_of(inside, is_of_mask);
  return is_one && (is_digit(text[end + 2]) || is_letter(text[end + 2])) ? end + 1 : 0;
}

/// Where the text behind the two numbers of the queues begins.
std::optional<std::size_t> behind_queues(std::string_view line) {
  const tokens words(line);
  for (std::size_t i = 0; !words[i + 2].empty(); ++i) {
    if (!is_number(words[i]) || !is_number(words[i + 1])) continue;
    return static_cast<std::size_t>(words[i + 2].data() - line.data());
  }
  return std::nullopt;
}

bool is_letters(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, is_letter);
}

/// ":443", and nothing else.
bool is_port(std::string_view word) {
  constexpr std::size_t digits_max = 5;
  return word.size() > 1 && word.size() <= digits_max + 1 && word.front() == ':' &&
         is_number(word.substr(1));
}

/// "ip:443": a word of letters with a port.
bool is_name_with_port(std::string_view word) {
  const auto colon = word.find(':');
  return colon != word.npos && is_letters(word.substr(0, colon)) && is_port(word.substr(colon));
}

bool may_be_mask(std::string_view word) {
  return !is_number(word) && !word.contains('/') && !word.starts_with('(') && word != "-";
}

/// How many words from `i` on make one address: one where the first has its port.
std::size_t words_of_address(const tokens& words, std::size_t i) {
  constexpr std::size_t words_max = 3;
  for (std::size_t n = 0; n < words_max && i + n < words.size(); ++n) {
    const auto word = words[i + n];
    if (n == 0 && word.contains(':')) return 1;
    if (is_port(word) || is_name_with_port(word)) return n + 1;
    if (n + 1 < words_max && !(n == 0 ? may_be_mask(word) : is_letters(word))) return 0;
  }
  return 0;
}

/// Both addresses of a row, each as one word.
std::string with_whole_addresses(std::string_view text) {
  const tokens words(text);
  std::string out;
  std::size_t i = 0;
  for (int ends = 0; ends < 2; ++ends) {
    const auto count = words_of_address(words, i);
    if (count == 0) break;
    for (const auto last = i + count; i < last; ++i) {
      const bool is_joined = !out.empty() && i + count != last;
      const bool needs_mark = !is_port(words[i]) || is_letters(words[i - 1]);
      if (is_joined) out += needs_mark ? "_" : "";
      if (!is_joined && !out.empty()) out += ' ';
      out += words[i];
    }
  }
  const auto rest = words.from(i);
  if (!out.empty() && !rest.empty()) out += ' ';
  return out.append(rest);
}

std::string with_whole_brackets(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  while (!line.empty()) {
    const auto size = mask_in_brackets(line);
    if (size == 0) {
      out.push_back(line.front());
      line.remove_prefix(1);
      continue;
    }
    std::string inside(line.substr(1, size - 2));
    std::ranges::replace(inside, ' ', '_');
    out.append("[").append(inside).append("]");
    line.remove_prefix(size);
  }
  return out;
}

bool has_brackets_with_port(std::string_view line) {
  return line.contains("]:") || line.contains(">:") || line.contains("}:") || line.contains("):");
}

bool has_parted_address(std::string_view text) {
  const tokens words(text);
  const auto of_local = words_of_address(words, 0);
  return of_local > 1 || (of_local == 1 && words_of_address(words, 1) > 1);
}

}  // namespace

std::string_view with_whole_masks(std::string_view line, std::string& scratch) {
  std::string whole;
  std::string_view text = line;
  if (has_brackets_with_port(text)) {
    whole = with_whole_brackets(text);
    text = whole;
  }
  const auto behind = text.contains(':') ? behind_queues(text) : std::nullopt;
  if (behind && has_parted_address(text.substr(*behind))) {
    whole = std::string(text.substr(0, *behind)) + with_whole_addresses(text.substr(*behind));
    text = whole;
  }
  if (text == line) return line;
  scratch = std::move(whole);
  return scratch;
}

}  // namespace waitstate::paste
