#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/counts.h"
#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_group.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate {

/// What sockets are put together by.
enum class group_column : std::uint8_t {
  net_namespace,
  state,
  peer,       ///< The remote address, with its port where we connected to it.
  owner,      ///< The process that holds the descriptor.
  listener,   ///< The listener that accepted; all outbound connections together.
  container,  ///< The container, pod or unit of systemd that the process runs in.
};

[[nodiscard]] std::string_view to_string(group_column c);
/// "namespace", "state", "peer", "owner", "listener", "container".
[[nodiscard]] std::optional<group_column> parse_group_column(std::string_view name);

/// Sockets that are the same in the columns asked for.
struct group_row {
  socket_group group;   ///< Counts, queues and ages; of its key only what all sockets share holds.
  state_counts states;  ///< What it is made of.
  /// Of all its sockets; nullopt when they differ.
  std::optional<waitstate::direction> direction;
  /// Of its listeners: connections that wait for accept(), and how many may; where shown.
  std::optional<std::uint64_t> accept_queue;
  std::optional<std::uint64_t> backlog;
  std::size_t peers = 0;  ///< Different remote addresses, as far as the snapshot keeps them apart.
  std::string net_namespace;
  std::string local;  ///< "10.0.0.1:80", "10.0.0.1", or empty when mixed or unknown.
  std::string peer;   ///< "10.0.0.7:5432", "10.0.0.7", or empty when mixed or unknown.
  std::string owner;  ///< "nginx (pid 812)", "nobody", "hidden", or empty when mixed or unknown.
  std::string container;  ///< As home_of() says it, "nobody", or empty when mixed or unknown.
  const process* owner_process = nullptr;  ///< Lives as long as the snapshot.
};

struct group_table {
  std::vector<group_column> by;
  std::vector<group_row> rows;  ///< Most sockets first.
  std::uint64_t matched = 0;    ///< Sockets in these rows.
  std::uint64_t total = 0;      ///< Sockets in the snapshot, listeners too.
};

/// Puts the groups and listeners of a snapshot that are selected together by these columns; by none
/// is by state, listener, peer and owner (and namespace, where there are several), where the peers
/// of one listener are one row. Pure.
[[nodiscard]] group_table group_sockets(const snapshot& s, const std::vector<group_column>& by,
                                        const socket_selector& selected);

}  // namespace waitstate
