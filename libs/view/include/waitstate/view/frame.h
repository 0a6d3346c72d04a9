#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/render/cells.h"

namespace waitstate::view {

/// What a terminal has room for.
struct frame_size {
  std::size_t width = 80;
  std::size_t height = 24;

  /// The smallest that anything is drawn for, and the largest.
  static constexpr std::size_t width_min = 20;
  static constexpr std::size_t height_min = 4;
  static constexpr std::size_t most = 1'000;

  friend bool operator==(const frame_size&, const frame_size&) = default;
};

/// A line of a frame. What is selected is shown in reverse, and has a mark in its text too.
struct frame_row {
  render::line cells;
  bool is_selected = false;
};

/// A whole screen: as many rows as it is high, none wider than it is.
struct frame {
  frame_size size;
  std::vector<frame_row> rows;
};

/// The cells from the left, cut at `width` columns, with blanks up to it.
[[nodiscard]] render::line fitted(render::line cells, std::size_t width);

/// A line with one part at its left end and one at its right; the left one is cut when both have
/// no room.
[[nodiscard]] render::line spread(render::line left, render::line right, std::size_t width);

/// Lines and bars are drawn with -, | and #, and what is not ASCII becomes "?". Widths stay.
[[nodiscard]] frame in_ascii(frame f);

/// Lines of text that end in \n, without blanks at their ends; `colour` adds ANSI codes.
[[nodiscard]] std::string to_text(const frame& f, bool colour = false);

}  // namespace waitstate::view
