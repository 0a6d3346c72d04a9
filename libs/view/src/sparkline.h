#pragma once

#include <optional>
#include <span>
#include <string>

namespace waitstate::view {

/// A character for each value, from the lowest bar for nothing to a full one for the highest of
/// them; a blank where there is no value.
[[nodiscard]] std::string sparkline(std::span<const std::optional<double>> values);

/// A bar of `width` characters of which `part` of `whole` are full. More than nothing has at least
/// a thin mark, and less than all leaves at least one empty.
[[nodiscard]] std::string gauge(double part, double whole, std::size_t width);

}  // namespace waitstate::view
