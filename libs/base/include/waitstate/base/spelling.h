#pragma once

#include <span>
#include <string>
#include <string_view>

namespace waitstate {

/// The candidate closest to a mistyped word, or empty when none is within two
/// edits (insert, delete, replace or swap of neighbours); the first wins a tie.
/// For hints ("did you mean ..."), never for choosing by itself.
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       std::span<const std::string> candidates);

}  // namespace waitstate
