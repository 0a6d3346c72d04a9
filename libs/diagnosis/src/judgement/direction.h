#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Who opened some connections, and whether that was seen or concluded.
struct sided {
  waitstate::direction direction = direction::unknown;
  bool is_guessed = false;
};

/// Who opened the connections of a group: what its source saw; else what the one port that was kept
/// tells, which is a service's, where the group has an address; else, live, we did: a listener
/// would be known, while a destination's port may lie in the ephemeral range. A pasted count
/// without an address tells nothing.
[[nodiscard]] sided side_of(const snapshot& s, const socket_group& g);

/// Are both ends on this host? Then no network lies between them: an end that goes away says so,
/// since its kernel is this one.
[[nodiscard]] bool is_within_host(const socket_group& g);

/// Does a program of that name answer and hardly ever connect? Those that do both, as proxies and
/// application servers, are not such.
[[nodiscard]] bool only_serves(std::string_view program);

/// Sockets that tell nothing one by one, taken together.
struct undirected_sockets {
  std::size_t peers = 0;            ///< Different remote addresses.
  std::size_t local_addresses = 0;  ///< Different local ones.
  std::uint16_t port = 0;           ///< Where a port is known, but not whose.
};

/// Who opened them, from what else a paste shows: its listeners, what programs said, how many
/// addresses there are at each end. Always a guess, never unknown.
[[nodiscard]] sided side_of(const snapshot& s, const undirected_sockets& sockets);

}  // namespace waitstate::diagnosis
