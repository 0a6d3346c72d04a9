#include "waitstate/base/text.h"

#include <array>
#include <cmath>
#include <cstddef>

#include <fmt/format.h>

namespace waitstate {

std::string grouped(std::uint64_t number) {
  auto digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string shell_quoted(std::string_view name) {
  std::string word = "'";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += byte < 0x20 || byte == 0x7F ? '?' : c;
    }
  }
  return word + "'";
}

std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural_form) {
  if (number == 1) return fmt::format("1 {}", noun);
  if (!plural_form.empty()) return fmt::format("{} {}", grouped(number), plural_form);
  return fmt::format("{} {}s", grouped(number), noun);
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0 || part == 0) return "0 %";
  const auto percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (percent < 1) return "under 1 %";
  if (part < whole && percent > 99) return "over 99 %";
  return fmt::format("{:.0f} %", percent);
}

std::string elapsed(std::chrono::milliseconds duration) {
  struct unit {
    std::int64_t milliseconds;
    std::string_view name;
  };
  constexpr std::array units{unit{86'400'000, "d"}, unit{3'600'000, "h"}, unit{60'000, "min"},
                             unit{1'000, "s"}};
  const std::int64_t all = duration.count();
  if (all == 0) return "0 s";
  if (all < 0) return "-" + elapsed(-duration);
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto big = all / units[i].milliseconds;
    if (big == 0) continue;
    if (i + 1 < units.size()) {
      const auto& next = units[i + 1];
      const auto small = all % units[i].milliseconds / next.milliseconds;
      if (small > 0) return fmt::format("{} {} {} {}", big, units[i].name, small, next.name);
    }
    return fmt::format("{} {}", big, units[i].name);
  }
  return fmt::format("{} ms", all);
}

std::string rate(double per_second) {
  if (per_second < 0) return "-" + rate(-per_second);
  if (per_second < 9.95) return fmt::format("{:.1f}", per_second);
  return grouped(static_cast<std::uint64_t>(std::llround(per_second)));
}

std::string bytes(std::uint64_t count) {
  constexpr std::array<std::string_view, 5> units{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (count < 1024) return fmt::format("{} B", count);
  auto value = static_cast<double>(count) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  const bool whole = value >= 100 || value == std::floor(value);
  return whole ? fmt::format("{:.0f} {}", value, units[unit])
               : fmt::format("{:.1f} {}", value, units[unit]);
}

}  // namespace waitstate
