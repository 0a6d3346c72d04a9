#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::diagnosis {

/// Open connections of a client that become more and more, while those that are there do not go.
struct growing_connections {
  std::uint32_t net_namespace = 0;
  owner_ref owner;
  tcp::endpoint destination;  ///< Of a paste often the port alone, or nothing.
  std::uint64_t first = 0;    ///< So many were there,
  std::uint64_t last = 0;     ///< so many are there now.
  std::size_t looks = 2;
  double per_second = 0;     ///< Live.
  std::uint64_t unused = 0;  ///< Live: of the last, idle for ten seconds or longer.
};

/// Live, of one look: 200 or more that accumulate (close_wait_piles.h), nine in ten of which
/// carried one exchange and no more, of a program that does not serve as many itself, as a proxy
/// does. Of two: five more and a tenth over the interval, of 20 or more, half of which nobody used
/// for ten seconds: a pool takes an idle connection before it opens another. In a paste: counts, or
/// rows of two looks, that never fall and rise by half and by 50; not on a port that this host
/// listens on, where it is the clients that come. The largest first.
[[nodiscard]] std::vector<growing_connections> growing_connections_of(const snapshot& s);

}  // namespace waitstate::diagnosis
