#pragma once

#include <cstdint>
#include <vector>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// A listening port whose connections nobody accepts; what the rules about accept queues and those
/// about CLOSE-WAIT agree on.
struct stuck_port {
  std::uint32_t net_namespace = 0;
  tcp::endpoint local;
  const listener* listening = nullptr;  ///< Its fullest listener; nullptr when none is shown.
  /// Inbound CLOSE-WAIT sockets that no process holds: the peer gave up before accept().
  socket_group gave_up;
};

/// The listener's queue is full, or it is shown waiting where a program that accepts leaves 0.
///
/// Live, one look sees a queue that is emptied a moment later: only one at its backlog counts. A
/// person who pastes a listener with connections in its queue has looked more than once, so there
/// it is enough when the row is about alone, or the queue is long for a moment.
[[nodiscard]] bool has_stuck_queue(const snapshot& s, const listener& l);

/// Ports with a stuck queue, or with connections that ended before anybody accepted them: at least
/// 10 of these, or an old one, or any in a paste. Longest queue first.
[[nodiscard]] std::vector<stuck_port> stuck_ports_of(const snapshot& s);

/// Is this port among them?
[[nodiscard]] bool contains(const std::vector<stuck_port>& ports, std::uint32_t net_namespace,
                            std::uint16_t port);

/// How many connections wait in the queues of these ports.
[[nodiscard]] std::uint64_t waiting_on(const std::vector<stuck_port>& ports);

}  // namespace waitstate::diagnosis
