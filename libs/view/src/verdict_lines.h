#pragma once

#include <cstddef>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/render/cells.h"

namespace waitstate::view {

/// The verdict, how one knows, what comes next and what to do, at most `height` lines: of the
/// finding that matters most. The verdict has a second line where there is room for one.
[[nodiscard]] std::vector<render::line> verdict_lines(const diagnosis::report& r, std::size_t width,
                                                      std::size_t height);

}  // namespace waitstate::view
