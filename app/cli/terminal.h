#pragma once

#include <cstddef>

namespace waitstate::cli {

/// What standard output shows text on.
struct terminal {
  /// Columns of the terminal; without one, $COLUMNS, or 100.
  std::size_t width = 100;
  /// It is a terminal that knows colours, and NO_COLOR (https://no-color.org) is not set.
  bool colour = false;
};

[[nodiscard]] terminal stdout_terminal();

}  // namespace waitstate::cli
