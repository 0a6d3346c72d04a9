#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// A call that succeeded, as the balancer and the failure detector want to know it.
struct ended_call {
  std::uint64_t server = 0;  ///< The cluster's key for it.
  duration latency{0};
  time_point at{};
};

/// Calls that ended well and are not in the cluster's books yet. A call that ends puts itself here
/// without any lock; whoever holds the cluster's lock next takes it out, which the next call does
/// before it picks a server. So a call that succeeds takes that lock once.
///
/// A bounded queue of many writers and one reader: each cell carries the turn in which it may be
/// written or read, so that a writer claims it with one compare-and-swap.
class ended_calls {
 public:
  /// More calls than these end between two picks only when picking stops: then the one that finds
  /// no place takes the lock and empties this.
  static constexpr std::size_t size = 256;

  ended_calls();

  /// By any thread. False when there is no place.
  [[nodiscard]] bool put(const ended_call& call);
  /// The oldest; by one thread at a time.
  [[nodiscard]] std::optional<ended_call> take();

 private:
  struct cell {
    std::atomic<std::uint64_t> turn{0};
    ended_call call;
  };

  std::array<cell, size> cells_;
  std::atomic<std::uint64_t> next_in_{0};
  std::uint64_t next_out_ = 0;
};

}  // namespace waitstate::client
