#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/render/text.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::render {

/// What sockets are put together by.
enum class group_column : std::uint8_t {
  net_namespace,
  state,
  peer,      ///< The remote address, with its port where we connected to it.
  owner,     ///< The process that holds the descriptor.
  listener,  ///< The listener that accepted; all outbound connections together.
};

[[nodiscard]] std::string_view to_string(group_column c);
/// "namespace", "state", "peer", "owner", "listener".
[[nodiscard]] std::optional<group_column> parse_group_column(std::string_view name);

/// Which sockets, and put together how. Every filter that is given must hold.
struct group_options {
  /// Empty: by state, listener, peer and owner, where the peers of one listener are one row.
  std::vector<group_column> by;
  std::vector<tcp::state> states;     ///< Any of these; empty: every state.
  std::string peer;                   ///< An address, address:port, or a name as pasted; or empty.
  std::optional<std::uint16_t> port;  ///< Local or remote.
  std::string process;                ///< A name or a pid; or empty.
  /// Only groups whose oldest socket has been in its state at least so long. A group whose ages
  /// are not known does not pass.
  std::optional<std::chrono::milliseconds> older_than;
};

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
  const process* owner_process = nullptr;  ///< Lives as long as the snapshot.
};

struct group_table {
  std::vector<group_column> by;
  std::vector<group_row> rows;  ///< Most sockets first.
  std::uint64_t matched = 0;    ///< Sockets in these rows.
  std::uint64_t total = 0;      ///< Sockets in the snapshot, listeners too.
};

/// Puts the groups and listeners of a snapshot together as asked. Pure.
[[nodiscard]] group_table group_sockets(const snapshot& s, const group_options& options);

/// A table for a person, at most `top` rows (0: all); the others are counted in its last line.
[[nodiscard]] std::string to_text(const snapshot& s, const group_table& table,
                                  const text_style& style, std::size_t top);

/// At most `top` rows (0: all) as JSON, and how many more there are; docs/json.md has the keys.
[[nodiscard]] std::string to_json(const snapshot& s, const group_table& table, std::size_t top = 0);

}  // namespace waitstate::render
