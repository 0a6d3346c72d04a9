#pragma once

#include <chrono>
#include <string>

namespace waitstate::render {

/// "2026-01-05T10:22:07.015Z".
[[nodiscard]] std::string exact_timestamp(std::chrono::system_clock::time_point t);

}  // namespace waitstate::render
