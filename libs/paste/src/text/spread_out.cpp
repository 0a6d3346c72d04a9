#include "text/spread_out.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "text/tokens.h"
#include "text/words.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {
namespace {

using namespace std::string_view_literals;

/// U+00A0 (no break), U+2000 to U+200A (by their width), U+202F and U+205F (narrow), U+3000 (as
/// wide as a character of Chinese), by their bytes: what chats and web pages write for a blank.
constexpr std::array blanks{"\xC2\xA0"sv,     "\xE2\x80\x80"sv, "\xE2\x80\x81"sv, "\xE2\x80\x82"sv,
                            "\xE2\x80\x83"sv, "\xE2\x80\x84"sv, "\xE2\x80\x85"sv, "\xE2\x80\x86"sv,
                            "\xE2\x80\x87"sv, "\xE2\x80\x88"sv, "\xE2\x80\x89"sv, "\xE2\x80\x8A"sv,
                            "\xE2\x80\xAF"sv, "\xE2\x81\x9F"sv, "\xE3\x80\x80"sv};
/// U+2010 to U+2015 (hyphens and dashes) and U+2212 (minus): what they write for "-".
constexpr std::array dashes{"\xE2\x80\x90"sv, "\xE2\x80\x91"sv, "\xE2\x80\x92"sv, "\xE2\x80\x93"sv,
                            "\xE2\x80\x94"sv, "\xE2\x80\x95"sv, "\xE2\x88\x92"sv};
/// U+200B to U+200F (no width, direction marks) and U+2060 (word joiner) and U+FEFF, by their
/// bytes.
constexpr std::array no_width{"\xE2\x80\x8B"sv, "\xE2\x80\x8C"sv, "\xE2\x80\x8D"sv,
                              "\xE2\x80\x8E"sv, "\xE2\x80\x8F"sv, "\xE2\x81\xA0"sv,
                              "\xEF\xBB\xBF"sv};

/// Those whose options people paste with the output.
constexpr std::array tools{"ss"sv,   "netstat"sv, "lsof"sv, "grep"sv,  "egrep"sv,
                           "awk"sv,  "sort"sv,    "uniq"sv, "wc"sv,    "cut"sv,
                           "head"sv, "tail"sv,    "ps"sv,   "sysctl"sv};

/// An option is a letter or a few: -tan, -nlp, -F.
constexpr std::size_t option_letters_max = 6;

bool is_mark(char c) {
  return c == '-' || c == '_' || c == '.';
}

bool has_something_to_join(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\xC2' || c == '\xE2' || c == '\xE3' || c == '\xEF') return true;
    if (!is_mark(c)) continue;
    // A "-" that ends the line is netstat's word for an owner that is not shown.
    const auto next = line.find_first_not_of(' ', i + 1);
    if (next == std::string_view::npos) return false;
    if (next > i + 1 || (i > 0 && line[i - 1] == ' ')) return true;
  }
  return false;
}

bool ends_with_any(std::string_view text, std::span<const std::string_view> ends) {
  return std::ranges::any_of(ends, [&](auto end) { return text.ends_with(end); });
}

/// Every blank and dash as the one of ASCII, and no character of no width: also none that stands
/// there only after another was taken out of it.
std::string with_plain_blanks(std::string_view line) {
  std::string plain;
  plain.reserve(line.size());
  for (const char c : line) {
    plain.push_back(c);
    if (static_cast<unsigned char>(c) < 0x80) continue;
    for (const auto hidden : no_width) {
      if (plain.ends_with(hidden)) plain.resize(plain.size() - hidden.size());
    }
    const auto is_blank = ends_with_any(plain, blanks);
    if (!is_blank && !ends_with_any(plain, dashes)) continue;
    constexpr std::size_t no_break_size = 2;
    const bool is_no_break = plain.ends_with(blanks.front());
    plain.resize(plain.size() - (is_no_break ? no_break_size : no_break_size + 1));
    plain.push_back(is_blank ? ' ' : '-');
  }
  return plain;
}

/// The index of the first character at or after `at` that is not a blank.
std::size_t after_blanks(std::string_view line, std::size_t at) {
  return std::min(line.find_first_not_of(' ', at), line.size());
}

/// How long the run of characters is that `is` holds for.
template <class Is>
std::size_t run_length(std::string_view text, const Is& is) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is) - text.begin());
}

/// What stands joined in place of the first `length` bytes of a text.
struct join {
  std::string text;
  std::size_t length = 0;
};

/// Does the text before `at` end with a dot, blanks or not? Then a number there goes on with
/// others.
bool is_behind_a_dot(std::string_view text, std::size_t at) {
  const auto last = text.substr(0, at).find_last_not_of(' ');
  return last != std::string_view::npos && text[last] == '.';
}

bool goes_on_with_a_number(std::string_view text) {
  const auto dot = after_blanks(text, 0);
  if (dot == text.size() || text[dot] != '.') return false;
  const auto next = after_blanks(text, dot + 1);
  return next < text.size() && is_digit(text[next]);
}

/// "10.4 . 14.24": four numbers, and no fifth, with dots and blanks between them.
std::optional<join> address_at(std::string_view text) {
  constexpr std::size_t numbers = 4;
  join made;
  bool has_blanks = false;
  for (std::size_t n = 0; n < numbers; ++n) {
    if (n > 0) {
      const auto dot = after_blanks(text, made.length);
      if (dot == text.size() || text[dot] != '.') return std::nullopt;
      const auto next = after_blanks(text, dot + 1);
      has_blanks |= next != made.length + 1;
      made.length = next;
      made.text.push_back('.');
    }
    const auto digits = run_length(text.substr(made.length), is_digit);
    if (digits == 0 || digits > 3) return std::nullopt;
    made.text += text.substr(made.length, digits);
    made.length += digits;
  }
  const bool is_whole = !goes_on_with_a_number(text.substr(made.length));
  return has_blanks && is_whole ? std::optional(made) : std::nullopt;
}

bool is_letter_or_digit(char c) {
  return is_letter(c) || is_digit(c);
}

/// "FIN - WAIT - 2": two or three words with a dash or underscore and blanks between them, which
/// together are a state's name.
std::optional<join> state_at(std::string_view text) {
  constexpr std::size_t words_max = 3;
  join made;
  std::optional<join> found;
  bool has_blanks = false;
  for (std::size_t n = 0; n < words_max; ++n) {
    if (n > 0) {
      const auto mark = after_blanks(text, made.length);
      if (mark == text.size() || (text[mark] != '-' && text[mark] != '_')) break;
      const auto next = after_blanks(text, mark + 1);
      has_blanks |= next != made.length + 1;
      made.length = next;
      made.text.push_back(text[mark]);
    }
    const auto letters = run_length(text.substr(made.length), is_letter_or_digit);
    made.text += text.substr(made.length, letters);
    made.length += letters;
    if (has_blanks && tcp::parse_state(made.text)) found = made;
  }
  return found;
}

/// "- c" behind a tool's name.
std::optional<join> option_at(std::string_view text) {
  if (!text.starts_with("- ")) return std::nullopt;
  const auto word = after_blanks(text, 1);
  const auto letters = run_length(text.substr(word), is_letter_or_digit);
  const auto end = word + letters;
  const bool is_whole = end == text.size() || text[end] == ' ' || text[end] == '|';
  if (letters == 0 || letters > option_letters_max || !is_whole) return std::nullopt;
  // "grep - TIME - WAIT", "lsof - 10 .0.0.1": a name or an address goes on.
  if (state_at(text.substr(word)) || address_at(text.substr(word))) return std::nullopt;
  return join{.text = "-" + std::string(text.substr(word, letters)), .length = end};
}

bool is_tool(std::string_view word) {
  return std::ranges::find(tools, word) != tools.end();
}

}  // namespace

std::string_view joined(std::string_view line, std::string& scratch) {
  if (!has_something_to_join(line)) return line;
  const auto plain = with_plain_blanks(line);
  const std::string_view text = plain;
  std::string out;
  out.reserve(text.size());
  bool has_tool = false;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto rest = text.substr(at);
    const bool is_word_start = at == 0 || !is_letter_or_digit(text[at - 1]);
    std::optional<join> made;
    if (is_word_start && is_digit(text[at]) && !is_behind_a_dot(text, at)) made = address_at(rest);
    if (is_word_start && is_letter(text[at])) {
      made = state_at(rest);
      has_tool |= is_tool(rest.substr(0, run_length(rest, is_letter_or_digit)));
    }
    if (has_tool && text[at] == '-' && at > 0 && text[at - 1] == ' ') made = option_at(rest);
    if (made) {
      out += made->text;
      at += made->length;
    } else {
      out.push_back(text[at]);
      ++at;
    }
  }
  scratch = std::move(out);
  return scratch;
}

}  // namespace waitstate::paste
