#pragma once

#include <cstddef>
#include <string>

#include "waitstate/render/text.h"
#include "waitstate/snapshot/grouping.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::render {

/// A table for a person, at most `top` rows (0: all); the others are counted in its last line.
[[nodiscard]] std::string to_text(const snapshot& s, const group_table& table,
                                  const text_style& style, std::size_t top);

}  // namespace waitstate::render
