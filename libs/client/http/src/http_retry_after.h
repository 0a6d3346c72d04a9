#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace waitstate::client {

/// How long a Retry-After header asks to wait, from `now` on: its seconds, or until its date, in
/// any of HTTP's three forms (RFC 9110 section 5.6.7); none for a date that is over. Nothing for
/// anything else.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(
    std::string_view header_value, std::chrono::system_clock::time_point now);

}  // namespace waitstate::client
