#pragma once

#include <string>

#include "waitstate/snapshot/connection_pairs.h"

namespace waitstate::render {

/// Comma-separated values as RFC 4180 has them, a line for each connection that has ended: the
/// first end's figures, and who closed the other.
[[nodiscard]] std::string trace_csv_heading();
[[nodiscard]] std::string to_trace_csv(const whole_connection& c);

}  // namespace waitstate::render
