#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/captured_service.h"
#include "waitstate/snapshot/connection_pool.h"
#include "waitstate/snapshot/counts.h"
#include "waitstate/snapshot/far_end.h"
#include "waitstate/snapshot/followed_connections.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/message.h"
#include "waitstate/snapshot/opener.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/socket_group.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/snapshot/tracked_flows.h"
#include "waitstate/snapshot/worker.h"
#include "waitstate/tcp/endpoint.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate {

/// Where a snapshot comes from.
enum class source_kind : std::uint8_t {
  live,    ///< This host's kernel, now.
  pasted,  ///< Text that somebody copied: may be cut, masked, filtered by grep.
};

inline constexpr std::array all_source_kinds{source_kind::live, source_kind::pasted};

/// "live", "pasted".
[[nodiscard]] std::string_view to_string(source_kind k);
/// Of exactly such a name.
[[nodiscard]] std::optional<source_kind> parse_source_kind(std::string_view name);

/// A listening socket.
struct listener {
  std::uint32_t net_namespace = 0;
  tcp::endpoint local;
  owner_ref owner;
  /// Connections that wait for accept(), and how many may; nullopt where the source shows none.
  std::optional<std::uint64_t> accept_queue;
  std::optional<std::uint64_t> backlog;
  std::optional<std::uint64_t> incomplete;  ///< BSD's incqlen: handshakes not finished.
  std::uint32_t inode = 0;                  ///< Of its socket; 0 where it is not known.
};

/// The local ports in use by connections from one source address, whatever they go to. A port
/// that several destinations share is counted in `connections` each time, in `ports` once.
struct source_address {
  std::uint32_t net_namespace = 0;
  tcp::address address;
  std::uint64_t connections = 0;
  tcp::port_set ports;
  /// How many different ports, where a paste gives the number and not the ports.
  std::optional<std::uint64_t> ports_counted;
};

/// Counts of one thing taken again and again, as a pasted loop prints them.
struct count_series {
  tcp::state state = tcp::state::unknown;
  std::uint16_t port = 0;  ///< When the command that made it names one.
  std::string label;       ///< A host or other name before the number; or empty.
  std::vector<std::uint64_t> values;
  std::optional<std::chrono::milliseconds> interval;  ///< Between two values, when shown.
};

/// Something that the numbers lack, and how to get it. Rendered under "limits".
struct limit {
  std::string id;    ///< Stable: "hidden-owners", "unread-lines", "folded-groups", ...
  std::string text;  ///< "owners of 1,204 sockets are hidden"
  std::string hint;  ///< "run as root", or empty.
};

/// A number of sockets that a sentence of a paste gives: "there are 7513 connections in this
/// state".
struct stated_number {
  std::uint64_t sockets = 0;
  std::string text;  ///< The words around it.
  /// Of such as the rows show ("repeated many times", "1500-2500 of these"), and not of any.
  bool of_rows = false;
};

/// One picture of a host's TCP sockets: plain data, made by a snapshot_builder, read by rules
/// and renderings. What a source cannot know is nullopt, an `unknown` value, or a limit.
struct snapshot {
  source_kind source = source_kind::live;
  std::string source_detail;  ///< "sock_diag", or the formats a paste held: "ss, sysctl".
  std::chrono::system_clock::time_point taken_at;
  /// The time between two looks; rates and growth are over it.
  std::optional<std::chrono::milliseconds> interval;

  host_facts host;
  std::vector<network_namespace> namespaces;  ///< At least one.
  /// Namespaces that were asked for and may not be entered.
  std::uint64_t namespaces_refused = 0;
  std::vector<process> processes;
  std::vector<listener> listeners;
  std::vector<socket_group> groups;
  std::vector<opener> openers;  ///< The busiest first; empty unless they were looked for.
  /// What ended since the look before; nothing unless connections were followed in the kernel.
  std::optional<followed_connections> followed;
  std::vector<worker> workers;          ///< By pid; empty unless they were looked for.
  std::vector<source_address> sources;  ///< Bounded; those with the most connections.
  std::vector<message> messages;
  std::vector<count_series> series;
  std::vector<connection_pool> pools;
  std::vector<tracked_flows> tracked;      ///< Those with the most connections first.
  std::vector<captured_service> captured;  ///< Of a packet capture; the busiest first.
  /// The other ends of connections, where a paste shows several hosts; those with the most first.
  std::vector<far_end> far_ends;
  std::vector<std::string> names;  ///< What addresses of kind `named` stand for.
  std::vector<limit> limits;
  /// Rows that were read but have no group because a bound was hit.
  std::uint64_t dropped = 0;
  /// Lines of a paste that look like rows and could not be read, or were past a bound.
  std::uint64_t unread = 0;
  /// The largest number of sockets that prose of a paste speaks of.
  std::optional<stated_number> statement;
  /// The start of a sentence of a paste that says that a program hangs; or empty.
  std::string hanging;

  /// The counts of all namespaces together.
  [[nodiscard]] state_counts states() const;
  [[nodiscard]] const process* owner_of(const owner_ref& owner) const;
  /// "10.0.0.7:80", "[::1]:80", "db.internal:3306", "*:443".
  [[nodiscard]] std::string text_of(const tcp::endpoint& e) const;
  [[nodiscard]] std::string text_of(const tcp::address& a) const;
};

}  // namespace waitstate
