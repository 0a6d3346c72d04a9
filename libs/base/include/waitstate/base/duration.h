#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate {

/// Reads a duration as a person types one: a number and a unit, "500ms", "5s", "1.5m", "2min",
/// "1h", "30d". A number without a unit is refused, but 0 needs none. At most 10,000 days.
///
/// Fails with errc::invalid_input; `what` starts with the text in quotes.
[[nodiscard]] result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest that parse_duration() reads as the same: 60000 ms -> "1m", 1500 ms -> "1500ms".
[[nodiscard]] std::string duration_word(std::chrono::milliseconds duration);

}  // namespace waitstate
