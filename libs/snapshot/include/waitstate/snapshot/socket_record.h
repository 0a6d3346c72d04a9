#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "waitstate/tcp/endpoint.h"
#include "waitstate/tcp/state.h"

namespace waitstate {

/// Who holds a descriptor of a socket, as far as the source can tell.
enum class ownership : std::uint8_t {
  unknown,  ///< The source did not look, or its format has no such column.
  none,     ///< Nobody: TIME-WAIT, an orphan, or a connection not accepted yet.
  hidden,   ///< Somebody, but we may not see who.
  owned,    ///< The process `owner_ref::process` of the snapshot.
};

struct owner_ref {
  ownership kind = ownership::unknown;
  std::uint32_t process = 0;  ///< Index into snapshot::processes; only when `owned`.

  friend auto operator<=>(const owner_ref&, const owner_ref&) = default;
};

/// Which timer of a socket runs; the values are those of inet_diag (idiag_timer).
enum class socket_timer : std::uint8_t {
  none = 0,
  retransmit = 1,
  keepalive = 2,
  time_wait = 3,
  persist = 4,
  unknown = 255,  ///< The source has no such column.
};

/// One socket, as a source pushes it into a snapshot_builder. A plain value: sources make one,
/// hand it over and forget it.
///
/// Queues have the meaning of Linux: of a connection, `receive_queue` is bytes received and not
/// read, where a FIN counts as one; of a listener, connections waiting to be accepted, and
/// `send_queue` is the listener's backlog. On other systems a FIN does not count.
struct socket_record {
  tcp::flow flow;
  tcp::state state = tcp::state::unknown;
  std::uint32_t net_namespace = 0;  ///< Index into snapshot::namespaces.
  owner_ref owner;

  std::uint64_t cookie = 0;     ///< The kernel's socket id; 0 when not known.
  std::uint64_t cgroup_id = 0;  ///< cgroup v2 id; 0 when not known.
  std::uint32_t inode = 0;      ///< 0 when there is none or it is not known.
  std::uint32_t interface = 0;  ///< Index of the interface that it is bound to; 0: none.
  std::optional<std::uint32_t> uid;

  std::uint32_t receive_queue = 0;
  std::uint32_t send_queue = 0;
  bool has_queues = true;  ///< Windows shows none.

  socket_timer timer = socket_timer::unknown;
  std::uint32_t timer_ms = 0;  ///< Time left of `timer`.
  /// How often what the timer stands for was sent again without an answer: a segment while
  /// `timer` is retransmit, a probe while it is keepalive or persist.
  std::uint8_t retransmits = 0;

  /// Milliseconds since the last data byte and the last ACK came in (tcp_info). Between them lies
  /// the age of a CLOSE-WAIT: last_ack_ms <= age <= last_data_ms.
  std::optional<std::uint32_t> last_data_ms;
  std::optional<std::uint32_t> last_ack_ms;

  /// How long it is in its state, where the moment it got there was seen.
  std::optional<std::uint32_t> in_state_ms;

  /// Segments with data that were sent over its whole life (tcp_info). One request is one or two.
  std::optional<std::uint32_t> data_segments_sent;

  /// Bytes that came in over its whole life (tcp_info), the FIN counted as one. As many in the
  /// receive queue: the program has never read from it.
  std::optional<std::uint64_t> bytes_received;

  bool shut_for_reading = false;  ///< RCV_SHUTDOWN: the peer's FIN came, or we shut it.
  bool shut_for_writing = false;  ///< SEND_SHUTDOWN: our FIN is queued or sent.
  /// The socket option IP_BIND_ADDRESS_NO_PORT; nullopt where the source does not show it.
  std::optional<bool> bind_address_no_port;

  /// How many identical sockets this record stands for: a row of "uniq -c" is one record.
  std::uint64_t count = 1;
};

}  // namespace waitstate
