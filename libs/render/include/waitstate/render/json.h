#pragma once

#include <string>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/diagnosis/report.h"

namespace waitstate::render {

/// The schema of everything this library writes as JSON. Within a number, fields are added and
/// never renamed or removed. docs/json.md describes each.
inline constexpr int json_schema = 1;

/// A report as one JSON object with a line end after it. Every key is always there, in the same
/// order, with null for what is not known; only `states` has just the states that were seen. Bytes
/// that are not UTF-8 are replaced by U+FFFD.
[[nodiscard]] std::string to_json(const diagnosis::report& r);

/// The same without line ends but one after it: a report for a reader of lines.
[[nodiscard]] std::string to_json_line(const diagnosis::report& r);

/// Reads back what to_json() wrote, this version's or a later one's of the same schema: fields that
/// are not known are passed over. What JSON does not have is lost: settings of the host, and what a
/// remedy does beyond its words. Refuses what is no such report, with the field that is wrong.
/// Takes bytes from anywhere; to_json() of what it gives reads back as the same.
[[nodiscard]] result<diagnosis::report> from_json(std::string_view text);

}  // namespace waitstate::render
