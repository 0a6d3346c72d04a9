#pragma once

#include "pane.h"
#include "waitstate/diagnosis/report.h"

namespace waitstate::view {

/// What is wrong, as the report has it; then what the numbers lack. The filter is not asked: a
/// diagnosis is of all that was seen.
[[nodiscard]] pane findings_pane(const diagnosis::report& r);

}  // namespace waitstate::view
