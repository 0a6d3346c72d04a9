#pragma once

#include <string_view>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Applies every rule to a snapshot. Pure: the same snapshot gives the same report; no clock, no
/// I/O. Findings are ordered most important first; a rule that lacks what it needs adds a limit
/// instead of a guess.
[[nodiscard]] report diagnose(const snapshot& s);

/// The ids of every kind of finding there is, in order of precedence.
[[nodiscard]] std::vector<std::string_view> finding_ids();

}  // namespace waitstate::diagnosis
