#include "waitstate/render/cells.h"

#include <utility>

#include <fmt/format.h>

#include "waitstate/render/columns.h"

namespace waitstate::render {
namespace {

/// SGR parameters (ECMA-48 8.3.117); only the eight colours that every theme defines.
std::string_view code_of(ink i) {
  switch (i) {
    case ink::plain: return "";
    case ink::bold: return "1";
    case ink::dim: return "2";
    case ink::red: return "1;31";
    case ink::yellow: return "1;33";
    case ink::green: return "1;32";
    case ink::cyan: return "36";
  }
  return "";
}

template <class Write>
std::string written(std::span<const line> lines, Write write) {
  std::string text;
  for (const auto& l : lines) {
    for (const auto& c : l) write(text, c);
    text += '\n';
  }
  return text;
}

}  // namespace

cell cell_of(std::string text, ink i) {
  const auto width = columns(text);
  return {.text = std::move(text), .ink = i, .width = width};
}

std::string plain_text(std::span<const line> lines) {
  return written(lines, [](std::string& text, const cell& c) { text += c.text; });
}

std::string ansi_text(std::span<const line> lines) {
  return written(lines, [](std::string& text, const cell& c) {
    if (c.ink == ink::plain || c.text.empty()) {
      text += c.text;
    } else {
      text += fmt::format("\x1b[{}m{}\x1b[0m", code_of(c.ink), c.text);
    }
  });
}

}  // namespace waitstate::render
