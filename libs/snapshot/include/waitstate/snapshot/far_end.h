#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/tcp/endpoint.h"
#include "waitstate/tcp/state.h"

namespace waitstate {

/// What tells that two sockets of two hosts are the two ends of one connection.
enum class joined_by : std::uint8_t {
  addresses,  ///< The same two endpoints, the other way round.
  ports,   ///< The same two ports on several connections at once: a NAT between changed addresses.
  counts,  ///< About as many in the state that belongs to it, with the same service.
};

/// "the addresses of both ends", "the ports of both ends", "their number".
[[nodiscard]] std::string_view to_string(joined_by how);

/// The other ends of some of this host's sockets, where that host was shown too. Those that agree
/// in everything but the number are one.
struct far_end {
  tcp::state state = tcp::state::unknown;  ///< On this host.
  waitstate::direction direction = direction::unknown;
  /// Outbound: the destination. Inbound: the local endpoint.
  tcp::endpoint service;
  owner_ref owner;   ///< On this host.
  std::string host;  ///< Of the other end.
  tcp::state far_state = tcp::state::unknown;
  std::string far_owner;  ///< "java (pid 12)", or empty.
  joined_by how = joined_by::addresses;
  std::uint64_t count = 0;
  std::uint64_t far_unread = 0;  ///< Of them, whose other end has unread data, the FIN aside.
};

}  // namespace waitstate
