#pragma once

#include "json_parts.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::render {

/// What was followed between two looks, or null.
[[nodiscard]] json followed_json(const snapshot& s);

}  // namespace waitstate::render
