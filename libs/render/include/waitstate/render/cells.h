#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/render/ink.h"

namespace waitstate::render {

/// Text in one ink, with the columns that it takes: what all that we draw is made of, whatever it
/// is drawn on. A terminal's lines are one writing of it; plain text is another.
struct cell {
  std::string text;  ///< Clean (see clean()) and without a line's end.
  render::ink ink = ink::plain;
  std::size_t width = 0;

  friend bool operator==(const cell&, const cell&) = default;
};

/// A cell as wide as its text.
[[nodiscard]] cell cell_of(std::string text, ink i = ink::plain);

/// From left to right. An empty one is an empty line.
using line = std::vector<cell>;

/// Lines of text that end in \n. The inks are lost.
[[nodiscard]] std::string plain_text(std::span<const line> lines);

/// The same with ANSI codes around each cell that has an ink and a text.
[[nodiscard]] std::string ansi_text(std::span<const line> lines);

}  // namespace waitstate::render
