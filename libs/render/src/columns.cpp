#include "waitstate/render/columns.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "waitstate/render/clean.h"

namespace waitstate::render {
namespace {

struct character {
  std::uint32_t code;
  std::size_t size;
};

struct code_range {
  std::uint32_t first;
  std::uint32_t last;
};

constexpr std::array combining{
    code_range{0x0300, 0x036f}, code_range{0x0483, 0x0489}, code_range{0x0591, 0x05bd},
    code_range{0x064b, 0x065f}, code_range{0x200b, 0x200f}, code_range{0x202a, 0x202e},
    code_range{0x2060, 0x2064}, code_range{0x20d0, 0x20ff}, code_range{0xfe00, 0xfe0f},
    code_range{0xfe20, 0xfe2f}, code_range{0xfeff, 0xfeff}, code_range{0xe0100, 0xe01ef}};

// East Asian Width W and F (Unicode Annex 11), in blocks.
constexpr std::array wide{
    code_range{0x1100, 0x115f},   code_range{0x2e80, 0x303e},   code_range{0x3041, 0xa4cf},
    code_range{0xa960, 0xa97c},   code_range{0xac00, 0xd7a3},   code_range{0xf900, 0xfaff},
    code_range{0xfe30, 0xfe6f},   code_range{0xff00, 0xff60},   code_range{0xffe0, 0xffe6},
    code_range{0x1f300, 0x1f64f}, code_range{0x1f900, 0x1f9ff}, code_range{0x20000, 0x3fffd}};

template <std::size_t N>
bool in_any(const std::array<code_range, N>& ranges, std::uint32_t code) {
  return std::ranges::any_of(
      ranges, [&](const code_range& r) { return r.first <= code && code <= r.last; });
}

/// The length that a UTF-8 sequence with this first byte has, or 0.
std::size_t sequence_size(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

/// The UTF-8 character at the start of a text that is not empty, or nothing for a broken one.
std::optional<character> first_character(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  const auto size = sequence_size(first);
  if (size == 0 || size > text.size()) return std::nullopt;
  if (size == 1) return character{.code = first, .size = 1};
  std::uint32_t code = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return std::nullopt;
    code = (code << 6) | (next & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> lowest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < lowest[size] || code > 0x10ffff || surrogate) return std::nullopt;
  return character{.code = code, .size = size};
}

std::size_t columns_of(std::uint32_t code) {
  if (in_any(combining, code)) return 0;
  return in_any(wide, code) ? 2 : 1;
}

/// How many bytes of the text fit into `width` columns; at least one character.
std::size_t bytes_that_fit(std::string_view text, std::size_t width) {
  std::size_t at = 0;
  std::size_t taken = 0;
  while (at < text.size()) {
    const auto c = first_character(text.substr(at)).value_or(character{.code = 0xfffd, .size = 1});
    taken += columns_of(c.code);
    if (taken > width && at > 0) break;
    at += c.size;
  }
  return at;
}

void wrap_line(std::string_view text, std::size_t width, std::vector<std::string>& lines) {
  std::string line;
  std::size_t used = 0;
  const auto finish = [&] {
    lines.push_back(std::move(line));
    line.clear();
    used = 0;
  };
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) break;
    auto word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (!line.empty() && used + 1 + columns(word) > width) finish();
    while (columns(word) > width) {
      const auto fits = bytes_that_fit(word, width);
      lines.emplace_back(word.substr(0, fits));
      word.remove_prefix(fits);
    }
    if (!line.empty()) line += ' ';
    line += word;
    used = columns(line);
  }
  finish();
}

void free_blanks(std::string& line) {
  constexpr std::string_view no_break_space = "\xc2\xa0";
  for (auto at = line.find(no_break_space); at != std::string::npos;
       at = line.find(no_break_space, at)) {
    line.replace(at, no_break_space.size(), " ");
  }
}

}  // namespace

namespace {

/// Control characters, and the marks that turn the direction of the text behind them: a command
/// must look like what it is.
bool is_control(std::uint32_t code) {
  if (code == '\n') return false;
  const bool c0_or_c1 = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool turns_direction = code == 0x061c || code == 0x200e || code == 0x200f ||
                               (code >= 0x2028 && code <= 0x202e) ||
                               (code >= 0x2066 && code <= 0x2069);
  return c0_or_c1 || turns_direction;
}

/// Characters that take no place: two names that look the same would differ.
bool is_invisible(std::uint32_t code) {
  return code == 0x00ad || code == 0x180e || (code >= 0x200b && code <= 0x200d) ||
         (code >= 0x2060 && code <= 0x2064) || code == 0xfeff ||
         (code >= 0xe0000 && code <= 0xe007f);
}

}  // namespace

std::string clean(std::string_view text) {
  std::string cleaned;
  cleaned.reserve(text.size());
  while (!text.empty()) {
    const auto c = first_character(text);
    const bool control = c && is_control(c->code);
    if (!c) {
      cleaned += "\xef\xbf\xbd";
    } else if (control) {
      cleaned += ' ';
    } else if (!is_invisible(c->code)) {
      cleaned += text.substr(0, c->size);
    }
    text.remove_prefix(c ? c->size : 1);
  }
  return cleaned;
}

std::size_t columns(std::string_view text) {
  std::size_t taken = 0;
  while (!text.empty()) {
    const auto c = first_character(text).value_or(character{.code = 0xfffd, .size = 1});
    taken += columns_of(c.code);
    text.remove_prefix(c.size);
  }
  return taken;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const auto line : lines_of(text)) wrap_line(line, width, lines);
  if (lines.empty()) lines.emplace_back();
  for (auto& line : lines) free_blanks(line);
  return lines;
}

std::string left(std::string_view text, std::size_t width) {
  const auto taken = columns(text);
  return std::string(text).append(width > taken ? width - taken : 0, ' ');
}

std::string right(std::string_view text, std::size_t width) {
  const auto taken = columns(text);
  return std::string(width > taken ? width - taken : 0, ' ').append(text);
}

std::string cut(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  return std::string(text.substr(0, bytes_that_fit(text, width - 3))) + "...";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace waitstate::render
