#include "look/queue_watch.h"

#include <algorithm>

namespace waitstate::kernel {
namespace {

std::uint64_t dead_in(const queue_watch::glimpse& g) {
  return g.queue - std::min<std::uint64_t>(g.queue, g.waiting.size());
}

}  // namespace

void queue_watch::see(const glimpse& now) {
  if (!has_begun_) {
    has_begun_ = true;
    at_first_ = now.waiting;
    dead_at_first_ = dead_in(now);
    return;
  }
  std::uint64_t held = 0;
  std::uint64_t gone = 0;
  for (const auto cookie : at_first_) {
    if (now.held.contains(cookie)) {
      ++held;
    } else if (!now.waiting.contains(cookie)) {
      ++gone;
    }
  }
  const auto dead = dead_in(now);
  const auto died = dead - std::min(dead, dead_at_first_);
  taken_ = std::max(taken_, held + (gone - std::min(gone, died)));
}

}  // namespace waitstate::kernel
