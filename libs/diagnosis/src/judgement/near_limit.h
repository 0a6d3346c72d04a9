#pragma once

#include <cstdint>
#include <optional>

#include "waitstate/diagnosis/report.h"

namespace waitstate::diagnosis {

/// From this share of a limit on it is worth a warning: a burst or an hour of growth is the rest,
/// and monitoring warns there everywhere.
inline constexpr std::uint64_t near_limit_percent = 80;
/// From here on the next burst fails.
inline constexpr std::uint64_t at_limit_percent = 95;

/// A limit of 0 is not known, and nothing is near it.
[[nodiscard]] constexpr bool is_near_limit(std::uint64_t used, std::uint64_t limit) {
  return limit > 0 && used * 100 >= limit * near_limit_percent;
}

/// Warning near a limit, critical at it.
[[nodiscard]] constexpr std::optional<severity> severity_near_limit(std::uint64_t used,
                                                                    std::uint64_t limit) {
  if (!is_near_limit(used, limit)) return std::nullopt;
  return used * 100 >= limit * at_limit_percent ? severity::critical : severity::warning;
}

/// Not one more descriptor: accept(), socket() and open() fail now.
[[nodiscard]] inline bool is_at_descriptor_limit(const process& p) {
  return p.fd_count && p.fd_limit && *p.fd_count >= *p.fd_limit;
}

}  // namespace waitstate::diagnosis
