#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "judgement/accept_queue.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Which end sockets without a direction are on and so which rule speaks of them, from what else
/// the paste shows: a listener, local or remote addresses alone, how many of each, what programs
/// said. `none` when their number does not stand out.
enum class undirected_cause : std::uint8_t {
  none,
  client,        ///< leaked-connections
  server,        ///< server-not-closing
  stalled,       ///< application-stalled
  accept_queue,  ///< accept-queue-stuck
};

/// CLOSE-WAIT sockets that do not say which end of their connections they are: counts by state
/// that somebody pasted, mostly.
struct undirected_close_wait {
  socket_group close_wait;
  std::uint64_t established = 0;  ///< Without a direction too; of this program or of nobody known.
  std::uint64_t syn_received = 0;
  std::size_t peers = 0;            ///< Different remote addresses.
  std::size_t local_addresses = 0;  ///< Different local ones.
  owner_ref owner;                  ///< Of the most.
  std::uint16_t port = 0;           ///< Where a port is known, but not whose.
  bool is_rows = false;             ///< The source had a row for each, not a mere count.
  undirected_cause cause = undirected_cause::none;
};

/// A count of CLOSE-WAIT that was taken again and again and grew at every look by about the same:
/// every connection ends there, not one now and then.
struct steady_growth {
  const count_series* series = nullptr;
  std::size_t siblings_at_zero = 0;  ///< Other hosts with the same count at 0.
  double per_look = 0;
};
[[nodiscard]] std::optional<steady_growth> steady_growth_of(const snapshot& s);

/// One for each program where the source names several, the one with the most CLOSE-WAIT first;
/// else one for all. Never empty.
[[nodiscard]] std::vector<undirected_close_wait> undirected_of(
    const snapshot& s, const std::vector<stuck_port>& stuck,
    const std::optional<steady_growth>& growth);

}  // namespace waitstate::diagnosis
