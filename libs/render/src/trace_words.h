#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/snapshot/ended_connection.h"

namespace waitstate::render {

/// How long a connection lived: "830 us", below what elapsed() tells; "-" where it is not known.
[[nodiscard]] std::string life_text(const std::optional<std::chrono::microseconds>& life);

/// "local", "peer"; empty where nobody was seen to be first.
[[nodiscard]] std::string_view to_word(first_closer who);

}  // namespace waitstate::render
