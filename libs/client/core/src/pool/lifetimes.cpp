#include "pool/lifetimes.h"

#include <cassert>
#include <chrono>

namespace waitstate::client {
namespace {

/// 0 to 1, by xorshift64.
double next_share(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return static_cast<double>(state >> 11) / static_cast<double>(1ULL << 53);
}

}  // namespace

lifetimes::lifetimes(const pool_limits& limits)
    : max_(limits.lifetime_max), jitter_(limits.lifetime_jitter) {
  assert(jitter_ >= 0 && jitter_ <= 1);
}

time_point lifetimes::end_of_one_made(time_point now) {
  if (max_.count() <= 0) return time_point::max();
  const auto shortened = jitter_ * next_share(drawn_);
  return saturating_add(now, std::chrono::duration_cast<duration>(max_ * (1.0 - shortened)));
}

}  // namespace waitstate::client
