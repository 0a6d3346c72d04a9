#pragma once

#include <cstddef>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/config/toml_table.h"

namespace waitstate::config {

/// Parses a text of TOML, bounded: one that is longer than `bytes_max`, or is nested so deeply that
/// a parser would run out of stack, is refused. Errors say line and column; `example` is the page
/// that shows how such a text is written.
[[nodiscard]] result<toml::table> parse_toml(std::string_view text, std::size_t bytes_max,
                                             std::string_view example);

}  // namespace waitstate::config
