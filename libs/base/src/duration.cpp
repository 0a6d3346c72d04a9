#include "waitstate/base/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace waitstate {
namespace {

using std::chrono::milliseconds;

struct unit {
  std::string_view name;
  milliseconds length;
};

constexpr std::array units{
    unit{"ms", std::chrono::milliseconds(1)}, unit{"s", std::chrono::seconds(1)},
    unit{"m", std::chrono::minutes(1)},       unit{"min", std::chrono::minutes(1)},
    unit{"h", std::chrono::hours(1)},         unit{"d", std::chrono::days(1)}};

failure refused(std::string_view text, std::string_view why, std::string hint) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("'{}' {}", text, why),
                  .hint = std::move(hint)});
}

}  // namespace

result<milliseconds> parse_duration(std::string_view text) {
  constexpr double longest_ms = 10'000.0 * 86'400'000.0;
  double number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (status != std::errc{} || !std::isfinite(number)) {
    return refused(text, "is not a duration", "a number and a unit: 500ms, 5s, 2m, 1h");
  }
  if (number < 0) return refused(text, "is negative", "a number and a unit: 500ms, 5s, 2m, 1h");
  const std::string_view unit_name(rest, end);
  if (unit_name.empty() && number == 0) return milliseconds(0);
  if (unit_name.empty()) {
    return refused(text, "has no unit", fmt::format("{0}s is {0} seconds", text));
  }
  const auto* const found = std::ranges::find(units, unit_name, &unit::name);
  if (found == units.end()) {
    return refused(text, fmt::format("has an unknown unit '{}'", unit_name),
                   "the units are ms, s, m, h and d");
  }
  const auto length_ms = number * static_cast<double>(found->length.count());
  if (length_ms > longest_ms) return refused(text, "is too long", "at most 10000d");
  return milliseconds(std::llround(length_ms));
}

std::string duration_word(milliseconds duration) {
  if (duration.count() == 0) return "0s";
  for (const auto& [name, length] : {units[5], units[4], units[2], units[1]}) {
    if (duration % length == milliseconds(0)) return fmt::format("{}{}", duration / length, name);
  }
  return fmt::format("{}ms", duration.count());
}

}  // namespace waitstate
