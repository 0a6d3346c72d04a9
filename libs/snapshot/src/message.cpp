#include "waitstate/snapshot/message.h"

#include "waitstate/base/names.h"

namespace waitstate {

std::string_view to_string(message_kind kind) {
  switch (kind) {
    case message_kind::address_not_available: return "no local address or port is available";
    case message_kind::address_not_local: return "the address is not this host's";
    case message_kind::address_in_use_on_bind: return "address in use on bind";
    case message_kind::address_in_use_on_listen: return "address in use on listen";
    case message_kind::port_not_permitted: return "the port may not be bound";
    case message_kind::too_many_open_files: return "too many open files";
    case message_kind::file_table_full: return "the host's table of open files is full";
    case message_kind::connect_timed_out: return "connect timed out";
    case message_kind::connect_refused: return "connection refused";
    case message_kind::connection_reset: return "connection reset";
    case message_kind::pool_exhausted: return "no connection from the pool";
    case message_kind::stale_connection: return "a pooled connection was dead";
    case message_kind::peer_gone: return "the other side is gone and the connection stands";
    case message_kind::lease_leaked: return "a connection was not given back to its pool";
    case message_kind::no_worker: return "every worker is taken";
    case message_kind::lock_contended: return "threads wait for one lock";
    case message_kind::time_wait_overflow: return "TIME-WAIT table overflow";
    case message_kind::conntrack_full: return "conntrack table full";
    case message_kind::too_many_orphans: return "too many orphaned sockets";
    case message_kind::listen_overflow: return "listen queue overflow";
    case message_kind::syn_flood: return "possible SYN flooding";
    case message_kind::syn_dropped: return "connection requests dropped";
    case message_kind::tcp_memory: return "TCP out of memory";
    case message_kind::limit_reached: return "a limit of the kernel is reached";
  }
  return "unknown";
}

std::optional<message_kind> parse_message_kind(std::string_view words) {
  return named_in(all_message_kinds, words);
}

}  // namespace waitstate
