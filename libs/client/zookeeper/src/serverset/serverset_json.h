#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// Reads one JSON object of at most serverset_data_max bytes and 8 levels. `step` begins the
/// message. Fails with errc::corrupt.
[[nodiscard]] result<nlohmann::json> parse_serverset_json(std::string_view data,
                                                          std::string_view step);

}  // namespace waitstate::client
