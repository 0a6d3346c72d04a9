#pragma once

#include <cstdint>
#include <string_view>

#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// Why a lease is taken from its holder.
enum class reclaim_reason : std::uint8_t {
  none,         ///< It is not.
  peer_closed,  ///< The server ended the connection and the holder has done nothing since.
  silent,       ///< No byte moved for too long.
  overdue,      ///< Out for too long while others wait for a connection.
  ordered,      ///< Somebody called reclaim(id).
};

[[nodiscard]] std::string_view to_string(reclaim_reason r);

/// When leases count as leaked. A duration of zero turns a grade off.
struct reclaim_policy {
  /// After the peer's FIN, how long the holder may go without moving a byte. Certain: nothing can
  /// come any more.
  duration after_peer_closed = std::chrono::seconds(5);
  /// How long without any byte in either direction. For protocols whose calls are bounded.
  duration silent_for{0};
  /// How long a lease may last, looked at only when the pool is short of connections.
  duration out_for{0};
  /// The share of the pool that has to be leased for `out_for` to count; 0 to 1.
  double under_pressure = 0.9;
};

/// What is known of one lease.
struct lease_facts {
  time_point leased_at;
  time_point last_byte;  ///< Of the connection; may be before the lease.
  bool peer_closed = false;
};

/// Decides about one lease. Pure. `pressure` is the share of the pool that is leased, 1 when
/// somebody waits.
[[nodiscard]] reclaim_reason decide_reclaim(const lease_facts& lease, const reclaim_policy& policy,
                                            double pressure, time_point now);

}  // namespace waitstate::client
