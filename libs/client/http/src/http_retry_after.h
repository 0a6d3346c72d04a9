#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace waitstate::client {

/// The seconds in the value of a Retry-After header; nothing for a date or anything else.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(std::string_view header_value);

}  // namespace waitstate::client
