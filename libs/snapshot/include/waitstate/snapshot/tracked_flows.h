#pragma once

#include <cstdint>
#include <string>

#include "waitstate/tcp/endpoint.h"

namespace waitstate {

/// TCP connections of a connection tracking table to one destination in one of its states. They are
/// no sockets: a router's table has other hosts' connections, and a host's keeps them longer than
/// their sockets live.
struct tracked_flows {
  std::string
      state;  ///< As the table has it, "TIME_WAIT": by the FINs that passed, of either side.
  tcp::endpoint destination;  ///< Of the packet that opened it.
  bool unreplied = false;     ///< Nothing came back.
  std::uint64_t count = 0;
};

}  // namespace waitstate
