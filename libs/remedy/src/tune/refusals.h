#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tune/situation.h"

namespace waitstate::remedy {

/// The popular settings that no plan makes, with what shows it on this host. One that the plan
/// makes here, because here it helps, is not among them.
[[nodiscard]] std::vector<refused_setting> refusals(const situation& now, const proposals& made);

/// Is this value of this setting one of them? With `is_typed` only those that do harm or never do
/// what people set them for: somebody may have a reason for the others.
[[nodiscard]] std::optional<refused_setting> refusal_of(const situation& now, std::string_view key,
                                                        std::string_view value, bool is_typed);

/// Is it about a setting that is none of kernel_settings(), and still asked for?
[[nodiscard]] std::optional<refused_setting> refusal_of_unknown(const situation& now,
                                                                std::string_view key);

}  // namespace waitstate::remedy
