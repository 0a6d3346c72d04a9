#pragma once

#include <cstdint>
#include <vector>

#include "judgement/accept_queue.h"
#include "judgement/close_wait_piles.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Accepted connections of one owner on one listening port, and how much of what arrived the
/// program has not read. Connections that nobody has accepted yet are left out where the source
/// shows that nobody holds them.
struct unread_load {
  std::uint32_t net_namespace = 0;
  owner_ref owner;
  tcp::endpoint local;  ///< The address only where all have the same.
  std::uint64_t established = 0;
  std::uint64_t established_unread = 0;
  std::uint64_t unread_bytes = 0;  ///< Of those that are open.
  std::uint64_t close_wait = 0;
  std::uint64_t close_wait_unread = 0;  ///< With data, not the FIN alone.
  std::size_t peers = 0;
  /// Open ones of which the program has never read a byte, for a second or longer.
  std::uint64_t never_read = 0;
  std::uint32_t standing_ms = 0;  ///< The longest time that bytes lie there; 0: not known.
};

/// One for each owner and port that has anything unread, the most unread first.
[[nodiscard]] std::vector<unread_load> unread_loads_of(const snapshot& s);

/// The program reads none of its connections: most of the ESTABLISHED have unread data, and there
/// are many of them, from several peers or very many. A leak in one handler leaves the others
/// read. Live it is as sure where most have stood unread for five seconds, whoever sent it; and a
/// few will do of which not one byte was ever read. Never true of a port whose accept queue is
/// stuck: that is the better word for it.
[[nodiscard]] bool is_stalled(const snapshot& s, const unread_load& load,
                              const std::vector<stuck_port>& stuck);

}  // namespace waitstate::diagnosis
