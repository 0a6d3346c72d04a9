#pragma once

#include <algorithm>
#include <optional>
#include <ranges>
#include <string_view>

namespace waitstate {

/// The first of `all` whose to_string() is exactly `name`: what a parse_X() beside a to_string() is
/// made of, so that the two cannot disagree.
template <std::ranges::forward_range All>
[[nodiscard]] constexpr std::optional<std::ranges::range_value_t<All>> named_in(
    const All& all, std::string_view name) {
  const auto found =
      std::ranges::find_if(all, [name](const auto& value) { return to_string(value) == name; });
  if (found == std::ranges::end(all)) return std::nullopt;
  return *found;
}

}  // namespace waitstate
