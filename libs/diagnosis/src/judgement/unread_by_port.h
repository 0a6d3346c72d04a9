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
  std::uint64_t close_wait = 0;
  std::uint64_t close_wait_unread = 0;  ///< With data, not the FIN alone.
  std::size_t peers = 0;
};

/// One for each owner and port that has anything unread, the most unread first.
[[nodiscard]] std::vector<unread_load> unread_loads_of(const snapshot& s);

/// The program reads none of its connections: most of the ESTABLISHED have unread data, and there
/// are many of them, from several peers or very many. A leak in one handler leaves the others
/// read. Never true of a port whose accept queue is stuck: that is the better word for it.
[[nodiscard]] bool is_stalled(const snapshot& s, const unread_load& load,
                              const std::vector<stuck_port>& stuck);

}  // namespace waitstate::diagnosis
