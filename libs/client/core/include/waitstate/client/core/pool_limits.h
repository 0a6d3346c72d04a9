#pragma once

#include <chrono>
#include <cstdint>

#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// The limits of one pool. Durations of zero mean "no limit".
struct pool_limits {
  std::uint32_t connections_max = 64;  ///< To this endpoint; 1 to 65,536.
  std::uint32_t waiters_max = 65'536;  ///< Past it a caller is refused at once.
  std::uint32_t idle_max = 64;  ///< A connection that comes back past it is closed; 0: no pooling.
  /// An idle connection is closed after this; after 0.8 of the server's own limit when that is
  /// known and less. Shorter than what middleboxes forget.
  duration idle_time_max = std::chrono::seconds(60);
  /// So many are idle at any time, as far as `connections_max` allows: made before anybody asks,
  /// and again when one goes. These go at `lifetime_max` and at the server's own limit, not at
  /// `idle_time_max`.
  std::uint32_t idle_min = 0;
  /// A connection that is older is closed when it is idle or comes back, so that load follows a
  /// change behind one address.
  duration lifetime_max = std::chrono::minutes(30);
  /// Each connection's lifetime is shortened by up to this share at random, so that connections
  /// made together do not end together. 0 to 1.
  double lifetime_jitter = 0.2;
  std::uint64_t requests_max = 0;  ///< Leases of one connection; 0: no limit.
};

}  // namespace waitstate::client
