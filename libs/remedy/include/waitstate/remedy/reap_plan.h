#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/kernel/list_sockets.h"
#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::remedy {

/// How a socket is closed.
enum class close_way : std::uint8_t {
  reset,     ///< By the kernel, which forgets it; a connection's peer gets a RST.
  shutdown,  ///< shutdown() on a copy of its holder's descriptor: the peer gets a FIN.
};
[[nodiscard]] std::string_view to_string(close_way way);
[[nodiscard]] std::optional<close_way> parse_close_way(std::string_view name);

/// What a person allows beyond connections that their peer has already left.
struct reap_permissions {
  close_way how = close_way::reset;
  /// Connections that may be in use: ESTABLISHED, and those that are being opened.
  bool even_established = false;
  /// TIME-WAIT of connections that we opened, where tcp_tw_reuse would take their port over, too.
  bool free_ports = false;

  friend bool operator==(const reap_permissions&, const reap_permissions&) = default;
};

/// Why a socket that was selected is not closed.
enum class left_alone : std::uint8_t {
  listens,             ///< Closing it would end the service.
  only_bound,          ///< No connection.
  never_accepted,      ///< Its place in the backlog would stay taken, and accept() return it.
  may_be_in_use,       ///< Needs even_established.
  time_wait,           ///< Needs free_ports.
  time_wait_accepted,  ///< It blocks no port: a server's port serves any number.
  time_wait_unsafe,    ///< Without time stamps nothing tells late segments from new ones.
  time_wait_young,     ///< Less than tcp_tw_reuse_delay ago its last segment may still travel.
  held_by_nobody,      ///< There is no descriptor to shut down.
  no_cookie,           ///< It cannot be told from its successor.
};
inline constexpr std::array all_left_alone{
    left_alone::listens,          left_alone::only_bound,      left_alone::never_accepted,
    left_alone::may_be_in_use,    left_alone::time_wait,       left_alone::time_wait_accepted,
    left_alone::time_wait_unsafe, left_alone::time_wait_young, left_alone::held_by_nobody,
    left_alone::no_cookie};
/// "never-accepted", as JSON and the audit log have it.
[[nodiscard]] std::string_view to_string(left_alone why);
/// The same for a person: "they wait to be accepted: ...".
[[nodiscard]] std::string_view reason_of(left_alone why);

/// What to look for, and what may be done about it.
struct reap_options {
  socket_selector selected;   ///< An empty one is refused.
  std::string net_namespace;  ///< As in kernel::list_options.
  reap_permissions may;
  /// How `close_way::reset` is done: by BPF under the lock of each socket where that loads, else by
  /// SOCK_DESTROY.
  kernel::kernel_source source = kernel::kernel_source::automatic;
  /// Only what this process holds; 0: only what no process is seen to hold.
  std::optional<std::int32_t> holder;
  std::string rule;               ///< Of a guard that asks for it, for the audit log; or empty.
  std::uint64_t at_most = 1'000;  ///< Sockets are planned, and closed, up to here.
  kernel::progress_sink progress;
};

/// A socket whose turn may come.
struct reap_target {
  socket_record socket;  ///< `net_namespace` is an index into reap_plan::namespaces.
  direction side = direction::unknown;
  std::optional<std::uint32_t> owner;  ///< Index into reap_plan::owners.
};

/// Targets that a person would see as one row: one state, owner, namespace and other end.
struct reap_group {
  std::uint32_t net_namespace = 0;
  tcp::state state = tcp::state::unknown;
  direction side = direction::unknown;
  std::optional<std::uint32_t> owner;
  tcp::endpoint end;  ///< The peer of what we opened, else the local port.
  std::uint64_t count = 0;
  std::uint64_t unread_bytes = 0;
  /// In their state at least so long, of those that show it.
  std::optional<std::uint32_t> youngest_ms;
  std::optional<std::uint32_t> oldest_ms;
};

/// What would be closed and what not. Plain data, bounded by `reap_options::at_most` targets and
/// `groups_max` groups.
struct reap_plan {
  static constexpr std::size_t groups_max = 1'024;

  std::string selection;       ///< The selector's words.
  std::uint64_t found = 0;     ///< Sockets that are selected.
  std::uint64_t to_close = 0;  ///< Of these, those that may be closed; `targets` are the first.
  std::vector<reap_target> targets;
  std::vector<reap_group> groups;            ///< Of all `to_close`, the largest first.
  std::uint64_t not_grouped = 0;             ///< Of these, those in no group past the bound.
  std::map<left_alone, std::uint64_t> left;  ///< How many are left alone, and why.
  std::vector<network_namespace> namespaces;
  std::vector<process> owners;
  std::vector<limit> limits;
};

/// Looks for the sockets. Closes nothing. Fails with errc::invalid_input for an empty selection,
/// and as kernel::list_sockets() does.
[[nodiscard]] result<reap_plan> plan_reap(const reap_options& options);

}  // namespace waitstate::remedy
