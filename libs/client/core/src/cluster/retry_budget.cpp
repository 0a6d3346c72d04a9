#include "cluster/retry_budget.h"

#include <cassert>

namespace waitstate::client {

retry_budget::retry_budget(const retry_budget_settings& settings) : settings_(settings) {
  assert(settings.window >= duration(slices));
  assert(settings.retries_per_second >= 0 && settings.retries_per_call >= 0);
}

void retry_budget::call_started(time_point now) {
  add(settings_.retries_per_call, now);
}

bool retry_budget::take(time_point now) {
  // Sums of tenths are not exact.
  if (balance(now) < 1 - 1e-6) return false;
  add(-1, now);
  return true;
}

double retry_budget::balance(time_point now) const {
  const std::chrono::duration<double> window = settings_.window;
  double tokens = settings_.retries_per_second * window.count();
  const auto newest = slice_number(now);
  for (const auto& s : window_) {
    if (s.number > newest - slices) tokens += s.tokens;
  }
  return tokens;
}

void retry_budget::add(double tokens, time_point now) {
  const auto number = slice_number(now);
  auto& s = window_[static_cast<std::size_t>(number) % slices];
  if (s.number != number) s = {.number = number};
  s.tokens += tokens;
}

std::int64_t retry_budget::slice_number(time_point now) const {
  return now.time_since_epoch() / (settings_.window / slices);
}

}  // namespace waitstate::client
