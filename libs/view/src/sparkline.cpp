#include "sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace waitstate::view {
namespace {

constexpr std::array<std::string_view, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

}  // namespace

std::string sparkline(std::span<const std::optional<double>> values) {
  double highest = 0;
  for (const auto& v : values) highest = std::max(highest, v.value_or(0));
  std::string text;
  for (const auto& v : values) {
    if (!v) {
      text += ' ';
      continue;
    }
    const auto share = highest > 0 ? std::max(*v, 0.0) / highest : 0;
    const auto bar = static_cast<std::size_t>(std::lround(share * (bars.size() - 1)));
    // What is not nothing is told from it.
    text += bars[*v > 0 ? std::max<std::size_t>(bar, 1) : 0];
  }
  return text;
}

std::string gauge(double part, double whole, std::size_t width) {
  if (width == 0) return {};
  const auto share = whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 0;
  auto full = static_cast<std::size_t>(std::lround(share * static_cast<double>(width)));
  if (share < 1) full = std::min(full, width - 1);
  const bool is_little = full == 0 && share > 0;
  std::string text;
  for (std::size_t i = 0; i < width; ++i) {
    text += i < full ? "█" : i == 0 && is_little ? "▏" : "░";
  }
  return text;
}

}  // namespace waitstate::view
