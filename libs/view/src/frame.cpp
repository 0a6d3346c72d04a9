#include "waitstate/view/frame.h"

#include <array>
#include <utility>

#include "waitstate/render/columns.h"

namespace waitstate::view {
namespace {

struct drawn {
  std::string_view glyph;
  char ascii;
};

/// Every character that is no word of a report and not ASCII; each is one column wide.
constexpr std::array glyphs{
    drawn{"─", '-'}, drawn{"│", '|'}, drawn{"┌", '+'}, drawn{"┐", '+'}, drawn{"└", '+'},
    drawn{"┘", '+'}, drawn{"├", '+'}, drawn{"┤", '+'}, drawn{"▁", '_'}, drawn{"▂", '.'},
    drawn{"▃", '-'}, drawn{"▄", '='}, drawn{"▅", '+'}, drawn{"▆", '*'}, drawn{"▇", '%'},
    drawn{"█", '#'}, drawn{"░", '.'}, drawn{"▸", '>'}, drawn{"▾", 'v'}, drawn{"▴", '^'},
    drawn{"▏", '|'}, drawn{"…", '~'},
};

std::size_t length_of_character(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xE0) return 2;
  return first < 0xF0 ? 3 : 4;
}

std::string ascii_of(std::string_view text) {
  std::string made;
  made.reserve(text.size());
  while (!text.empty()) {
    const auto length = length_of_character(static_cast<unsigned char>(text.front()));
    const auto character = text.substr(0, length);
    text.remove_prefix(character.size());
    if (length == 1) {
      made += character;
      continue;
    }
    char plain = '?';
    for (const auto& [glyph, ascii] : glyphs) {
      if (glyph == character) plain = ascii;
    }
    made.append(render::columns(character), plain);
  }
  return made;
}

/// The first characters that fit.
std::string cut_at(std::string_view text, std::size_t width) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const auto length = length_of_character(static_cast<unsigned char>(text[bytes]));
    if (render::columns(text.substr(0, bytes + length)) > width) break;
    bytes += length;
  }
  return std::string(text.substr(0, bytes));
}

std::size_t width_of(const render::line& cells) {
  std::size_t width = 0;
  for (const auto& c : cells) width += c.width;
  return width;
}

}  // namespace

render::line fitted(render::line cells, std::size_t width) {
  render::line made;
  made.reserve(cells.size() + 1);
  std::size_t used = 0;
  for (auto& c : cells) {
    if (used + c.width > width) {
      auto rest = render::cell_of(cut_at(c.text, width - used), c.ink);
      used += rest.width;
      if (!rest.text.empty()) made.push_back(std::move(rest));
      break;
    }
    used += c.width;
    if (!c.text.empty()) made.push_back(std::move(c));
  }
  if (used < width) made.push_back(render::cell_of(std::string(width - used, ' ')));
  return made;
}

render::line spread(render::line left, render::line right, std::size_t width) {
  const auto needed = width_of(right);
  if (needed >= width) return fitted(std::move(right), width);
  auto made = fitted(std::move(left), width - needed);
  for (auto& c : right) made.push_back(std::move(c));
  return made;
}

frame in_ascii(frame f) {
  for (auto& row : f.rows) {
    for (auto& c : row.cells) c.text = ascii_of(c.text);
  }
  return f;
}

std::string to_text(const frame& f, bool colour) {
  std::vector<render::line> lines;
  lines.reserve(f.rows.size());
  for (const auto& row : f.rows) {
    auto cells = row.cells;
    while (!cells.empty()) {
      auto& last = cells.back();
      const auto end = last.text.find_last_not_of(' ');
      last.text.resize(end == std::string::npos ? 0 : end + 1);
      if (!last.text.empty()) break;
      cells.pop_back();
    }
    lines.push_back(std::move(cells));
  }
  return colour ? render::ansi_text(lines) : render::plain_text(lines);
}

}  // namespace waitstate::view
