#pragma once

#include <string>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::render {

/// The schema of everything this library writes as JSON. Within a number, fields are added and
/// never renamed or removed. docs/json.md describes each.
inline constexpr int json_schema = 1;

/// A report as one JSON object with a line end after it. Every key is always there, in the same
/// order, with null for what is not known; only `states` has just the states that were seen. Bytes
/// that are not UTF-8 are replaced by U+FFFD.
[[nodiscard]] std::string to_json(const snapshot& s, const diagnosis::report& r);

}  // namespace waitstate::render
