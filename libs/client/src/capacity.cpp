#include "waitstate/client/capacity.h"

#include <cassert>

namespace waitstate::client {

bool capacity::take() {
  auto used = used_.load(std::memory_order_relaxed);
  do {
    if (limit_ != 0 && used >= limit_) return false;
  } while (!used_.compare_exchange_weak(used, used + 1, std::memory_order_relaxed));
  return true;
}

void capacity::put() {
  [[maybe_unused]] const auto before = used_.fetch_sub(1, std::memory_order_relaxed);
  assert(before > 0 && "more put() than take()");
}

}  // namespace waitstate::client
