#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/watched_queue.h"

namespace waitstate::diagnosis {

/// A listening port whose connections nobody accepts; what the rules about accept queues and those
/// about CLOSE-WAIT agree on.
struct stuck_port {
  std::uint32_t net_namespace = 0;
  tcp::endpoint local;
  const listener* listening = nullptr;  ///< Its fullest listener; nullptr when none is shown.
  /// Inbound CLOSE-WAIT sockets that no process holds: the peer gave up before accept().
  socket_group gave_up;
  /// Inbound ESTABLISHED sockets that no process holds: they wait for accept().
  socket_group waiting;
  /// How many a program took from it while it was watched; nullopt where it was not.
  std::optional<std::uint64_t> taken;

  /// How many have waited for longer than a second, and the longest, as far as ages are known.
  [[nodiscard]] std::uint64_t over_a_second() const;
  [[nodiscard]] std::uint32_t oldest_ms() const;
  /// It was watched for a moment and does take connections: it is slow, and does not stand.
  [[nodiscard]] bool is_served() const { return taken.value_or(0) > 0; }
};

/// The listener's queue holds what its program does not take: it is shown waiting where a program
/// that accepts leaves 0.
///
/// Live, one look sees a queue that is emptied a moment later, so what counts is how long they
/// wait: three for a second or one for ten, or one for a second where the queue is full. Where ages
/// are not known a queue at its backlog counts. A person who pastes a listener with connections in
/// its queue has looked more than once, so there it is enough when the row is about alone, or the
/// queue is long for a moment.
[[nodiscard]] bool has_stuck_queue(const snapshot& s, const listener& l,
                                   const stuck_port& port = {});

/// Live listeners with more in the queue than it takes, none of it for a second: the kernel drops,
/// and the program does accept.
[[nodiscard]] std::vector<const listener*> overrun_listeners(const snapshot& s);

/// Ports with a stuck queue, or with connections that ended before anybody accepted them: at least
/// 10 of these, or an old one, or any in a paste. Longest queue first.
[[nodiscard]] std::vector<stuck_port> stuck_ports_of(
    const snapshot& s, const std::vector<watched_queue>& watched = {});

/// The kernel's line about a queue that stands full: it holds so many that a program which accepts
/// would take them in a moment, and more were refused meanwhile than it holds. nullptr when there
/// is none.
[[nodiscard]] const message* queue_said_to_stand(const snapshot& s);

/// Is this port among them?
[[nodiscard]] bool contains(const std::vector<stuck_port>& ports, std::uint32_t net_namespace,
                            std::uint16_t port);

/// How many connections wait in the queues of these ports.
[[nodiscard]] std::uint64_t waiting_on(const std::vector<stuck_port>& ports);

}  // namespace waitstate::diagnosis
