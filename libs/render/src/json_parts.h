#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "waitstate/snapshot/snapshot_summary.h"

namespace waitstate::render {

using json = nlohmann::ordered_json;

/// The keys that every object of ours starts with: schema, taken_at, source, host, states.
[[nodiscard]] json json_of(const snapshot_summary& s);

/// State names of RFC 9293 to counts, those that were seen.
[[nodiscard]] json json_of(const state_counts& states);

[[nodiscard]] json json_of(const std::vector<limit>& limits);

/// The value or null.
template <class T>
[[nodiscard]] json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

/// The text, or null for an empty one.
[[nodiscard]] json or_null(const std::string& text);

/// Two blanks of indent, a line end, U+FFFD for what is not UTF-8.
[[nodiscard]] std::string dumped(const json& object);

}  // namespace waitstate::render
