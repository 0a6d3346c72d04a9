#pragma once

#include <chrono>

namespace waitstate::view {

/// When something happened, by a clock that only goes forward.
using moment = std::chrono::steady_clock::time_point;

}  // namespace waitstate::view
