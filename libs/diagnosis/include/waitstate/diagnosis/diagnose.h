#pragma once

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Applies every rule to a snapshot. Pure: the same snapshot gives the same report; no clock, no
/// I/O. Findings are ordered most important first; a rule that lacks what it needs adds a limit
/// instead of a guess.
[[nodiscard]] report diagnose(const snapshot& s);

}  // namespace waitstate::diagnosis
