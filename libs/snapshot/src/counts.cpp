#include "waitstate/snapshot/counts.h"

#include <numeric>

namespace waitstate {

std::uint64_t state_counts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

void state_counts::add_all(const state_counts& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

}  // namespace waitstate
