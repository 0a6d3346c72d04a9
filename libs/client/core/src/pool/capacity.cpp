#include "waitstate/client/core/capacity.h"

#include <cassert>

namespace waitstate::client {

bool capacity::take() {
  if (limit_ == 0) {
    used_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  if (try_take()) return true;
  // Said before looking again, so that a put() in between is either seen here or sees this.
  is_short_ = true;
  return try_take();
}

bool capacity::try_take() {
  auto used = used_.load();
  do {
    if (used >= limit_) return false;
  } while (!used_.compare_exchange_weak(used, used + 1));
  return true;
}

void capacity::put() {
  [[maybe_unused]] const auto before = used_.fetch_sub(1);
  assert(before > 0 && "more put() than take()");
  offer();
}

void capacity::when_there_is_room(std::weak_ptr<void> alive, std::function<void()> notify) {
  const std::scoped_lock held(lock_);
  std::erase_if(listeners_, [](const auto& l) { return l.first.expired(); });
  listeners_.emplace_back(std::move(alive), std::move(notify));
}

void capacity::tell_all() {
  if (!is_short_.exchange(false)) return;
  const std::scoped_lock held(lock_);
  for (const auto& [alive, notify] : listeners_) {
    if (const auto listener = alive.lock()) notify();
  }
}

}  // namespace waitstate::client
