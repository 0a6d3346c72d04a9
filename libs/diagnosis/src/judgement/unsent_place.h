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
  owner_ref owner;
  tcp::endpoint destination;
  std::uint64_t open = 0;
  std::uint64_t filled = 0;  ///< Of them, with bytes in the send queue.
  std::uint64_t bytes = 0;
};

/// At least 5 to one destination, nine in ten of which have bytes to send; the most bytes first.
[[nodiscard]] std::vector<unsent_place> unsent_places(const snapshot& s);

}  // namespace waitstate::diagnosis
