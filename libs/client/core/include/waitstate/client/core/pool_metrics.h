#pragma once

#include <cstddef>
#include <cstdint>

namespace waitstate::client {

/// What the pool counts, all since it was made. Leases started = returned + reclaimed + those out
/// now; a check is a lease, too.
struct pool_counts {
  std::uint64_t leases = 0;
  std::uint64_t returns = 0;
  std::uint64_t late_returns = 0;  ///< Came back after they were reclaimed.
  std::uint64_t reclaims = 0;
  std::uint64_t dials = 0;
  std::uint64_t dial_failures = 0;
  std::uint64_t closes = 0;
  std::uint64_t waits = 0;      ///< Callers that did not get a connection at once.
  std::uint64_t refused = 0;    ///< Callers past waiters_max, or after drain().
  std::uint64_t withdrawn = 0;  ///< Waiters that gave up.
  std::uint64_t checks = 0;     ///< Idle connections that were asked whether they are well.
  std::uint64_t checks_failed = 0;
};

/// A pool at one moment.
struct pool_metrics {
  std::uint32_t idle = 0;
  std::uint32_t leased = 0;
  std::size_t waiting = 0;        ///< Callers in line.
  std::uint32_t connections = 0;  ///< Of any state, dials under way included.
  pool_counts counts{};
};

}  // namespace waitstate::client
