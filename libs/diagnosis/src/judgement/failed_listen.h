#pragma once

#include <cstdint>
#include <vector>

#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// A bind() or listen() on a port of one's own choice that failed with EADDRINUSE, or on Windows
/// with WSAEACCES.
struct failed_listen {
  const message* said = nullptr;
  std::uint16_t port = 0;            ///< 0 where the line does not tell.
  const listener* holder = nullptr;  ///< Who listens on it, if that was seen.
  /// That one let the kernel choose its port, and so will get another one: services of the port
  /// mapper do (rpc.statd, rpc.mountd), and nodes of Erlang.
  bool holder_takes_any_port = false;
  std::uint64_t time_wait = 0;  ///< Connections of that port in TIME-WAIT; of any without one.
  std::uint64_t open = 0;       ///< And not closed.
  /// The port is one that connect() takes by itself: a connection of anybody may hold it. Without a
  /// port it may be, where the range reaches down to where services are.
  bool is_in_range = false;
  /// Windows: the port is in an excluded range, or somebody has it for himself alone (WSAEACCES).
  bool is_kept_away = false;
  /// It names no port, and about as many connections are open as connect() has ports: it is the
  /// bind() of a client that found none.
  bool wants_any_port = false;
};

/// In the order of the messages; the first that names a port stands for those that do not.
[[nodiscard]] std::vector<failed_listen> failed_listens(const snapshot& s,
                                                        const port_supply& supply);

/// Ranges that begin above this hold few ports that a service would choose.
inline constexpr std::uint16_t services_end = 10'240;

}  // namespace waitstate::diagnosis
