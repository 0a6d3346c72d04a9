#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waitstate/base/error.h"
#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/endpoint_set.h"
#include "waitstate/client/core/pool_metrics.h"

namespace waitstate::client {

/// How connections ended. TIME-WAIT stays with us after the first kind only.
struct close_totals {
  std::uint64_t first = 0;     ///< We sent the first FIN.
  std::uint64_t after = 0;     ///< The server had closed before.
  std::uint64_t by_reset = 0;  ///< We sent a RST.
  /// Idle ones, of those above, that were closed because bytes came that nobody had asked for.
  std::uint64_t unasked = 0;
};

/// How long calls took, from the wait for a connection to the end of the last attempt.
struct latency_histogram {
  /// The upper bound of each bucket, which it includes; one more is for whatever took longer.
  static constexpr std::array<duration, 17> bounds = {
      std::chrono::microseconds(100),  std::chrono::microseconds(250),
      std::chrono::microseconds(500),  std::chrono::milliseconds(1),
      std::chrono::microseconds(2500), std::chrono::milliseconds(5),
      std::chrono::milliseconds(10),   std::chrono::milliseconds(25),
      std::chrono::milliseconds(50),   std::chrono::milliseconds(100),
      std::chrono::milliseconds(250),  std::chrono::milliseconds(500),
      std::chrono::seconds(1),         std::chrono::milliseconds(2500),
      std::chrono::seconds(5),         std::chrono::seconds(10),
      std::chrono::seconds(30)};
  std::array<std::uint64_t, bounds.size() + 1> calls{};  ///< Of each bucket alone.
  duration sum{0};
};

/// One server of a cluster at one moment. Counters are since it appeared.
struct endpoint_metrics {
  endpoint to{};
  double weight = 1;
  bool leaving = false;  ///< Not in the set any more; its leases finish.
  health state = health::alive;
  std::uint32_t idle = 0;
  std::uint32_t leased = 0;
  std::size_t waiting = 0;
  std::uint32_t connections = 0;  ///< Of any state, dials under way included.
  std::uint32_t pending = 0;      ///< Calls under way.
  pool_counts counts{};
  close_totals closes{};
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t ejections = 0;
  duration latency{0};  ///< Decayed, peaks counting at once; 0: none measured.
  /// How long connections may be idle, when less than configured because the server closes them.
  std::optional<duration> idle_limit_learned{};
  /// Local ports for this destination (each source address has its own) and how many of them this
  /// pool leaves; others on the host use them too. 0 and 0 for a unix socket; a name counts as one
  /// address, however many it has.
  std::uint32_t ports = 0;
  std::uint32_t ports_left = 0;
};

/// A cluster at one moment. Counters are since it was made, servers that are gone included.
struct cluster_metrics {
  std::string name{};
  source_state source = source_state::pending;
  std::uint64_t generation = 0;  ///< Of the endpoint set.
  std::optional<error> source_error{};
  std::vector<endpoint_metrics> endpoints{};
  pool_counts gone{};  ///< Of the pools of servers that are gone.
  std::uint32_t connections = 0;
  std::uint32_t connections_max = 0;  ///< In all; 0: no limit.
  std::uint64_t calls = 0;
  std::uint64_t attempts = 0;
  std::uint64_t retries = 0;
  std::uint64_t hedges = 0;               ///< Of the retries, those made beside the first attempt.
  std::uint64_t shed = 0;                 ///< Calls refused because too many were under way.
  std::uint64_t retries_over_budget = 0;  ///< Allowed by the rule, not by the budget.
  std::uint64_t failovers = 0;            ///< Connections that had to be sought at another server.
  std::uint64_t ejections = 0;
  std::uint64_t opened_to_all = 0;  ///< Picks while every server was ejected.
  std::uint64_t evicted = 0;        ///< Idle connections closed to make room elsewhere.
  /// Of calls that ended: those whose server did its work in the end, and those that were in vain.
  /// What was cancelled is in neither.
  latency_histogram answered_in{};
  latency_histogram failed_in{};
};

}  // namespace waitstate::client
