#pragma once

#include "rules/rules.h"

namespace waitstate::diagnosis {

/// Makes one story of what the rules found, each for itself:
/// - a cause is as severe as the symptom it explains ("no ports left" because of a proxy);
/// - what another finding about the same thing says better is dropped;
/// - most severe first; among equals causes before symptoms, and what breaks first on top.
[[nodiscard]] findings in_order(findings found);

}  // namespace waitstate::diagnosis
