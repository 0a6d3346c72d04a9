#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "waitstate/remedy/reap.h"
#include "waitstate/render/text.h"

namespace waitstate::render {

/// A plan of what to close, or what became of it, as a person reads it: what would be closed and
/// with whom, what its owner will see, what closing it does not free, what is left alone and why,
/// and the command that does it. `command` is what was typed, quoted for a shell.
[[nodiscard]] std::string to_text(const remedy::reap_plan& plan,
                                  const remedy::reap_options& options,
                                  const std::optional<remedy::reap_outcome>& outcome,
                                  std::string_view command, const text_style& style);

}  // namespace waitstate::render
