#pragma once

#include <cstddef>
#include <string>

#include "waitstate/snapshot/grouping.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::render {

/// At most `top` rows (0: all) as JSON, and how many more there are; docs/json.md has the keys.
[[nodiscard]] std::string to_json(const snapshot& s, const group_table& table, std::size_t top = 0);

}  // namespace waitstate::render
