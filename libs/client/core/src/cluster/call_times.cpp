#include "cluster/call_times.h"

#include <algorithm>
#include <cstddef>

namespace waitstate::client {

void call_times::count(duration took, bool is_well) {
  constexpr auto relaxed = std::memory_order_relaxed;
  auto& to = is_well ? answered_ : failed_;
  const auto& bounds = latency_histogram::bounds;
  // A bucket takes what is equal to its bound.
  const auto at = std::ranges::lower_bound(bounds, took) - bounds.begin();
  to.calls.at(static_cast<std::size_t>(at)).fetch_add(1, relaxed);
  to.sum.fetch_add(took.count(), relaxed);
}

latency_histogram call_times::read(const counts& from) {
  latency_histogram out;
  std::ranges::transform(from.calls, out.calls.begin(), [](const auto& n) { return n.load(); });
  out.sum = duration(from.sum.load());
  return out;
}

}  // namespace waitstate::client
