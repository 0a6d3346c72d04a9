#include "history.h"

#include <algorithm>

namespace waitstate::view {

void history::add(moment at, const state_counts& counts) {
  samples_.push_back({.at = at, .counts = counts});
  while (samples_.size() > samples_max || at - samples_.front().at > span) samples_.pop_front();
}

std::vector<std::optional<double>> history::of(tcp::state s, std::size_t slots) const {
  std::vector<std::optional<double>> values(slots);
  if (samples_.empty() || slots == 0) return values;
  const auto now = samples_.back().at;
  for (const auto& one : samples_) {
    const auto before = std::chrono::duration<double>(now - one.at) / span;
    const auto ago = static_cast<std::size_t>(before * static_cast<double>(slots));
    values[slots - 1 - std::min(ago, slots - 1)] = static_cast<double>(one.counts.of(s));
  }
  for (std::size_t i = 1; i < slots; ++i) {
    if (!values[i]) values[i] = values[i - 1];
  }
  return values;
}

std::optional<double> history::growth_of(tcp::state s) const {
  using namespace std::chrono_literals;
  if (samples_.size() < 2) return std::nullopt;
  const auto& last = samples_.back();
  const auto first =
      std::ranges::find_if(samples_, [&](const sample& one) { return last.at - one.at <= 10s; });
  const auto& from = &*first == &last ? samples_[samples_.size() - 2] : *first;
  const auto elapsed = std::chrono::duration<double>(last.at - from.at).count();
  if (elapsed <= 0) return std::nullopt;
  return (static_cast<double>(last.counts.of(s)) - static_cast<double>(from.counts.of(s))) /
         elapsed;
}

}  // namespace waitstate::view
