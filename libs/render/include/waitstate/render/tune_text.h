#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "waitstate/remedy/tune/capacity.h"
#include "waitstate/remedy/tune/settings_audit.h"
#include "waitstate/remedy/tune/tune.h"
#include "waitstate/remedy/tune/tune_plan.h"
#include "waitstate/render/text.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::render {

/// A plan as a person reads it: what this host is, each setting with its reason, what it may break
/// and what undoes it, what helps more, what is refused and why, and the command that does it.
/// `command` is what was typed, quoted for a shell; empty where nothing can be applied (a paste).
[[nodiscard]] std::string to_text(const remedy::tune_plan& plan, const snapshot& s,
                                  std::string_view command, const text_style& style);

/// What was done, or undone. `undo` is the command that takes back what there is to take back.
[[nodiscard]] std::string to_text(const remedy::tune_outcome& outcome, std::string_view undo,
                                  const text_style& style);

[[nodiscard]] std::string to_text(const remedy::settings_audit& audit, const text_style& style);

[[nodiscard]] std::string to_text(const std::vector<remedy::destination_capacity>& capacity,
                                  const snapshot& s, const text_style& style);

}  // namespace waitstate::render
