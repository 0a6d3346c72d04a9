#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster_metrics.h"

namespace waitstate::client {

/// How long calls took, counted by any thread without a lock.
class call_times {
 public:
  void count(duration took, bool is_well);
  [[nodiscard]] latency_histogram answered() const { return read(answered_); }
  [[nodiscard]] latency_histogram failed() const { return read(failed_); }

 private:
  struct counts {
    std::array<std::atomic<std::uint64_t>, latency_histogram::bounds.size() + 1> calls{};
    std::atomic<duration::rep> sum{0};
  };

  [[nodiscard]] static latency_histogram read(const counts& from);

  counts answered_;
  counts failed_;
};

}  // namespace waitstate::client
