#include "cluster/patience.h"

#include <algorithm>
#include <utility>

namespace waitstate::client {

patience::patience(const retry_settings& settings, time_point first_failure)
    : pause_max_(settings.pause_max),
      ends_(settings.attempts_max > 1 ? saturating_add(first_failure, settings.unreachable_max)
                                      : first_failure),
      pause_(settings.pause_first) {}

std::optional<time_point> patience::next_try(time_point deadline, time_point now, double share) {
  const auto longest = std::exchange(pause_, std::min(pause_ * 2, pause_max_));
  const auto at = now + std::chrono::duration_cast<duration>(longest * (1.0 - share / 2));
  if (at >= std::min(ends_, deadline)) return std::nullopt;
  return at;
}

}  // namespace waitstate::client
