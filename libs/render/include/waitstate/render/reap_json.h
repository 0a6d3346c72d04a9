#pragma once

#include <optional>
#include <string>

#include "waitstate/remedy/reap.h"

namespace waitstate::render {

/// The same as one JSON object; docs/fix.md has the keys.
[[nodiscard]] std::string to_json(const remedy::reap_plan& plan,
                                  const remedy::reap_options& options,
                                  const std::optional<remedy::reap_outcome>& outcome);

}  // namespace waitstate::render
