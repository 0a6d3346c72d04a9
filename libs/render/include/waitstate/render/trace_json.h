#pragma once

#include <string>

#include "waitstate/snapshot/connection_pairs.h"

namespace waitstate::render {

/// A connection that has ended as one JSON object in one line, with its line end; docs/json.md
/// describes each field. Bytes that are not UTF-8 are replaced by U+FFFD.
[[nodiscard]] std::string to_trace_json(const whole_connection& c);

}  // namespace waitstate::render
