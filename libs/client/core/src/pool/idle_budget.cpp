#include "pool/idle_budget.h"

#include <algorithm>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr duration one_occasion = 1s;  // closes this close together may have one cause
constexpr duration believed_for = 10min;
constexpr int occasions_needed = 3;
/// Below it a close is more likely to be due to the connection's age, or to luck, than to a limit.
constexpr duration shortest_limit = 500ms;

bool is_about(duration a, duration b) {
  const auto [low, high] = std::minmax(a, b);
  return high - low <= std::max(high / 10, duration(100ms));
}

/// 0.8 of the peer's limit, so that a request still arrives before it.
duration undercut(duration limit) {
  return std::max<duration>(limit / 5 * 4, 1ms);
}

}  // namespace

void idle_budget::peer_closed(duration idle, time_point now) {
  if (idle < shortest_limit) return;
  auto& last = seen_[(next_ + seen_.size() - 1) % seen_.size()];
  if (last.is_known && now - last.at < one_occasion) {
    last.idle = std::min(last.idle, idle);
    return;
  }
  seen_[next_] = {.idle = idle, .at = now, .is_known = true};
  next_ = (next_ + 1) % seen_.size();
}

void idle_budget::stated(duration limit) {
  if (limit.count() > 0) stated_ = limit;
}

std::optional<duration> idle_budget::limit(time_point now) const {
  const auto learned = observed(now);
  if (learned && stated_) return undercut(std::min(*learned, *stated_));
  if (learned || stated_) return undercut(learned ? *learned : *stated_);
  return std::nullopt;
}

std::optional<duration> idle_budget::observed(time_point now) const {
  std::optional<duration> least;
  for (const auto& first : seen_) {
    if (!first.is_known || now - first.at > believed_for) continue;
    const auto agree = std::ranges::count_if(seen_, [&](const occasion& other) {
      return other.is_known && now - other.at <= believed_for && is_about(first.idle, other.idle);
    });
    if (agree >= occasions_needed && (!least || first.idle < *least)) least = first.idle;
  }
  return least;
}

}  // namespace waitstate::client
