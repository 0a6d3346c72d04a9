#pragma once

#include <cstdint>

#include "waitstate/diagnosis/report.h"

namespace waitstate::render {

/// What text means to the eye; how that looks is for whoever draws it. Without it nothing is lost.
enum class ink : std::uint8_t { plain, bold, dim, red, yellow, green, cyan };

[[nodiscard]] ink ink_of(diagnosis::severity s);
[[nodiscard]] ink ink_of(diagnosis::verdict v);

}  // namespace waitstate::render
