#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/snapshot/direction.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate {

/// How a connection ended, seen from one of its ends.
enum class connection_ending : std::uint8_t {
  closed,             ///< By FINs of both sides, or ours, and the kernel awaits the other alone.
  reset_by_peer,      ///< A reset came.
  refused,            ///< A reset answered our SYN: nobody listens there.
  unread_data,        ///< close() with data unread: the kernel sent a reset.
  never_accepted,     ///< Its listener closed before accept(): a reset.
  linger_zero,        ///< close() with SO_LINGER 0, or connect() to nowhere: a reset.
  not_acknowledged,   ///< What we sent was not acknowledged: the kernel gave up.
  not_alive,          ///< Keep-alive probes were not answered.
  connect_timed_out,  ///< Our SYN was not answered.
  given_up,           ///< The program closed before the handshake was done.
  killed,             ///< SOCK_DESTROY: ss -K, waitstate reap.
  network_error,      ///< Unreachable, and what else the network reports.
  no_port,            ///< connect() found no free local port (EADDRNOTAVAIL): no SYN went out.
};

inline constexpr std::array all_connection_endings{
    connection_ending::closed,
    connection_ending::reset_by_peer,
    connection_ending::refused,
    connection_ending::unread_data,
    connection_ending::never_accepted,
    connection_ending::linger_zero,
    connection_ending::not_acknowledged,
    connection_ending::not_alive,
    connection_ending::connect_timed_out,
    connection_ending::given_up,
    connection_ending::killed,
    connection_ending::network_error,
    connection_ending::no_port,
};

/// "closed", "reset-by-peer": stable, for JSON.
[[nodiscard]] std::string_view to_string(connection_ending e);

/// A process by what the kernel called it at that moment; the name is its first thread's.
struct traced_process {
  std::int32_t pid = 0;  ///< In the PID namespace of who reads it.
  std::string name;

  friend bool operator==(const traced_process&, const traced_process&) = default;
};

/// Who sent the first FIN.
enum class first_closer : std::uint8_t { nobody, local, peer };

/// One end of a connection, after it ended, as a source that follows connections hands it over. Of
/// a connection within the host each end is one.
struct ended_connection {
  std::chrono::system_clock::time_point ended;
  tcp::flow flow;
  std::uint32_t net_namespace = 0;                      ///< Inode.
  waitstate::direction direction = direction::unknown;  ///< Unknown: its beginning was not seen.
  connection_ending ending = connection_ending::closed;
  first_closer closed_first = first_closer::nobody;
  std::optional<traced_process> opener;  ///< Whose connect() it was.
  std::optional<traced_process> closer;  ///< Whose close(), shutdown() or exit ended this end.
  /// From the handshake to the end, in TIME-WAIT not counted. Nothing where there was no handshake
  /// or it was not seen.
  std::optional<std::chrono::microseconds> life;
  bool was_established = false;
  std::uint64_t bytes_sent = 0;      ///< Data, each byte once.
  std::uint64_t bytes_received = 0;  ///< Data.
  std::uint64_t bytes_unread = 0;    ///< With `unread_data`: what close() threw away.
  int error = 0;                     ///< errno that the program's next call got or gets; 0: none.
};

}  // namespace waitstate
