#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// CLOSE-WAIT sockets that do not say which end of their connections they are: counts by state
/// that somebody pasted, mostly.
struct unsided {
  socket_group close_wait;
  std::uint64_t established = 0;  ///< Unsided too; of this program or of nobody known.
  std::uint64_t syn_received = 0;
  std::size_t peers = 0;            ///< Different remote addresses.
  std::size_t local_addresses = 0;  ///< Different local ones.
  owner_ref owner;                  ///< Of the most.
  std::uint16_t port = 0;           ///< Where a port is known, but not whose.
  bool is_rows = false;             ///< The source had a row for each, not a mere count.
};

/// One for each program where the source names several, the one with the most CLOSE-WAIT first;
/// else one for all. Never empty.
[[nodiscard]] std::vector<unsided> unsided_of(const snapshot& s);

/// A count of CLOSE-WAIT that was taken again and again and grew at every look by about the same:
/// every connection ends there, not one now and then.
struct steady_growth {
  const count_series* series = nullptr;
  std::size_t siblings_at_zero = 0;  ///< Other hosts with the same count at 0.
  double per_look = 0;
};
[[nodiscard]] std::optional<steady_growth> steady_growth_of(const snapshot& s);

/// Which end unsided sockets are on and so which rule speaks of them, from what else the paste
/// shows: a listener, local or remote addresses alone, how many of each, what programs said.
/// `none` when their number does not stand out.
enum class unsided_cause : std::uint8_t {
  none,
  client,        ///< leaked-connections
  server,        ///< server-not-closing
  stalled,       ///< application-stalled
  accept_queue,  ///< accept-queue-stuck
};
[[nodiscard]] unsided_cause cause_of(const snapshot& s, const unsided& u);

}  // namespace waitstate::diagnosis
