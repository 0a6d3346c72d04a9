#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace waitstate::client {

/// The time-out in the value of an HTTP Keep-Alive header, "timeout=5, max=100"; nothing when it
/// states none.
[[nodiscard]] std::optional<std::chrono::seconds> keep_alive_timeout(std::string_view header_value);

}  // namespace waitstate::client
