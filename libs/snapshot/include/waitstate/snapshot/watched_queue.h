#pragma once

#include <cstdint>

namespace waitstate {

/// What watching the accept queues of a listening port for a moment after a look has told: does the
/// program take what waits, or does it stand still? One look cannot tell, since a queue that is as
/// long and as old is also that of a program which is too slow.
struct watched_queue {
  std::uint32_t net_namespace = 0;  ///< Index into snapshot::namespaces.
  std::uint16_t port = 0;
  std::uint64_t taken = 0;  ///< At least so many of those that waited.

  friend bool operator==(const watched_queue&, const watched_queue&) = default;
};

}  // namespace waitstate
