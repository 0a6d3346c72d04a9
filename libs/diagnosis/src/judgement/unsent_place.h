#pragma once

#include <cstdint>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::diagnosis {

/// A destination of a paste whose connections nearly all have bytes in the send queue: a peer that
/// takes nothing, or does not acknowledge it. One connection at work has such for a moment, so many
/// at once do not. What a server has to send to its clients is no such place: downloads look so.
struct unsent_place {
  std::uint32_t net_namespace = 0;
  direction side = direction::outbound;
  owner_ref owner;
  tcp::endpoint destination;  ///< Inbound: the port that is listened on.
  std::uint64_t open = 0;
  std::uint64_t filled = 0;  ///< Of them, with bytes in the send queue.
  std::uint64_t bytes = 0;
  std::uint64_t shut = 0;     ///< Whose peer's window has been shut for seconds,
  std::uint32_t shut_ms = 0;  ///< for so long at least.
  std::size_t peers = 0;      ///< The different addresses of those.
};

/// At least 5 to one destination, nine in ten of which have bytes to send; the most bytes first.
[[nodiscard]] std::vector<unsent_place> unsent_places(const snapshot& s);

/// Where the kernel's timers tell that peers do not read, live and in a paste: at least 5 whose
/// window is shut, and half of what is open with one destination or on one port.
[[nodiscard]] std::vector<unsent_place> shut_places(const snapshot& s);

}  // namespace waitstate::diagnosis
