#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/tcp/endpoint.h"

namespace waitstate {

/// What a line that a program or the kernel printed says went wrong.
enum class message_kind : std::uint8_t {
  // Programs.
  address_not_available,     ///< EADDRNOTAVAIL from connect(): no port left to a destination.
  address_not_local,         ///< EADDRNOTAVAIL about an address that this host does not have.
  address_in_use_on_bind,    ///< EADDRINUSE from bind() with port 0.
  address_in_use_on_listen,  ///< EADDRINUSE from bind() or listen() on a fixed port.
  port_not_permitted,        ///< EACCES, WSAEACCES from bind() or listen().
  too_many_open_files,       ///< EMFILE: the process is at its limit.
  file_table_full,           ///< ENFILE: the host's table of open files is full.
  connect_timed_out,         ///< ETIMEDOUT or the program's own deadline on connect().
  connect_refused,           ///< ECONNREFUSED.
  connection_reset,          ///< ECONNRESET, EPIPE.
  pool_exhausted,            ///< A client pool gave out no connection in time.
  stale_connection,          ///< A pool lent a connection that the other side had closed.
  peer_gone,                 ///< A peer vanished without a FIN, and its connection stands.
  lease_leaked,              ///< A pool says that a connection was lent and not given back.
  no_worker,                 ///< Every worker or slot of a server is taken.
  lock_contended,            ///< A thread that waits for a lock which others wait for too.
  // The kernel.
  time_wait_overflow,  ///< "time wait bucket table overflow"
  conntrack_full,      ///< "nf_conntrack: table full, dropping packet"
  too_many_orphans,    ///< "too many orphaned sockets"
  listen_overflow,     ///< sonewconn "Listen queue overflow"
  syn_flood,           ///< "Possible SYN flooding on port"
  syn_dropped,         ///< "TCP: drop open request": the SYN queue is nearly full.
  tcp_memory,          ///< "TCP: out of memory -- consider tuning tcp_mem"
  limit_reached,       ///< Another table or limit of the kernel: neighbours, BSD's sockets.
};

inline constexpr std::array all_message_kinds{message_kind::address_not_available,
                                              message_kind::address_not_local,
                                              message_kind::address_in_use_on_bind,
                                              message_kind::address_in_use_on_listen,
                                              message_kind::port_not_permitted,
                                              message_kind::too_many_open_files,
                                              message_kind::file_table_full,
                                              message_kind::connect_timed_out,
                                              message_kind::connect_refused,
                                              message_kind::connection_reset,
                                              message_kind::pool_exhausted,
                                              message_kind::stale_connection,
                                              message_kind::peer_gone,
                                              message_kind::lease_leaked,
                                              message_kind::no_worker,
                                              message_kind::lock_contended,
                                              message_kind::time_wait_overflow,
                                              message_kind::conntrack_full,
                                              message_kind::too_many_orphans,
                                              message_kind::listen_overflow,
                                              message_kind::syn_flood,
                                              message_kind::syn_dropped,
                                              message_kind::tcp_memory,
                                              message_kind::limit_reached};

[[nodiscard]] std::string_view to_string(message_kind kind);
/// Of exactly such words.
[[nodiscard]] std::optional<message_kind> parse_message_kind(std::string_view words);

/// Lines of one kind with the same subject, folded.
struct message {
  message_kind kind;
  std::string text;         ///< The first such line, cut at 300 bytes.
  std::uint64_t count = 1;  ///< How many lines, with the repeats that the lines speak of.
  /// The destination (or the local endpoint of a bind or listen) that the line names, if any.
  std::optional<tcp::endpoint> endpoint;
  std::string program;       ///< "nginx", "haproxy", ...; empty when the line does not tell.
  bool to_upstream = false;  ///< The line says it was connecting to an upstream or back end.
  /// listen_overflow: connections that wait ("76 already in queue").
  std::optional<std::uint64_t> queued;
};

}  // namespace waitstate
