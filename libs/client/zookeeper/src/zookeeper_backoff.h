#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/random.h"

namespace waitstate::client {

/// How long to wait before the next try: decorrelated jitter, that is between the minimum and
/// three times the last wait, so that clients that failed together do not come back together. Pure.
class zookeeper_backoff {
 public:
  zookeeper_backoff(duration min, duration max, random_source random)
      : min_(min), max_(std::max(min, max)), last_(min), random_(std::move(random)) {}

  [[nodiscard]] duration next() {
    const auto span = std::min(3 * last_, max_) - min_;
    const auto share = random_share(random_);
    last_ = min_ + std::chrono::duration_cast<duration>(span * share);
    return last_;
  }
  void reset() { last_ = min_; }

 private:
  duration min_;
  duration max_;
  duration last_;
  random_source random_;
};

}  // namespace waitstate::client
