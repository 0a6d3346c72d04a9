#pragma once

#include <cstdint>

#include "waitstate/snapshot/direction.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate {

/// What a packet capture shows of the connections with one service: how they began and who ended
/// them.
struct captured_service {
  /// Outbound: the destination. Inbound: the local endpoint.
  tcp::endpoint service;
  waitstate::direction direction = direction::unknown;
  std::uint64_t flows = 0;
  std::uint64_t unanswered = 0;  ///< SYNs that got neither SYN-ACK nor reset.
  std::uint64_t refused = 0;     ///< SYNs that got a reset.
  /// Who sent the first FIN or, without one, the reset.
  std::uint64_t closed_here = 0;
  std::uint64_t closed_there = 0;
  std::uint64_t reset_here = 0;  ///< Of those, by a reset and no FIN before it.
  std::uint64_t reset_there = 0;
  /// Resets by a side that had acknowledged data of the other since it last sent any: close() with
  /// data unread does that.
  std::uint64_t reset_unread_here = 0;
  std::uint64_t reset_unread_there = 0;
  /// Closed by one side alone when the capture ended, by who has not closed, and the oldest.
  std::uint64_t half_closed_here = 0;
  std::uint64_t half_closed_there = 0;
  std::uint32_t half_closed_ms = 0;

  friend bool operator==(const captured_service&, const captured_service&) = default;
};

}  // namespace waitstate
