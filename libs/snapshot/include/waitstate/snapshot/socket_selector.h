#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/peer_pattern.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/runtime.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_group.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/tcp/state_set.h"

namespace waitstate {

/// What lies unread in a receive queue. On Linux the FIN of the peer counts as one byte, until the
/// program has read up to it.
enum class unread_bytes : std::uint8_t {
  none,  ///< Nothing, or the FIN alone: the program has read all that came.
  some,
};

/// Which sockets a person means. Everything that is given must hold; one that is empty means all.
///
/// It is typed as words, the same ones wherever sockets are chosen:
///
///     state:close-wait,last-ack process:nginx older:60s peer:10.0.0.0/8
///
///     state:STATE[,...]   any of these, as any tool spells them
///     direction:D         outbound (we connected), inbound, unknown
///     peer:P              see parse_peer()
///     port:P              on either side; local-port:P and peer-port:P on one
///     process:P           the owner's name or pid
///     runtime:R           what the owner is built on: java, node, nginx, ...
///     container:ID        the container of the owner: 4 digits of its id or more
///     cgroup:C            the cgroup v2 of the owner: a path and all below it, or one of its parts
///     ns:N                the network namespace: its name or its inode
///     older:DURATION      at least so long in its state
///     unread:U            none, some
struct socket_selector {
  tcp::state_set states;  ///< Empty: every state.
  std::optional<waitstate::direction> direction;
  std::optional<peer_pattern> peer;
  std::optional<std::uint16_t> port;
  std::optional<std::uint16_t> local_port;
  std::optional<std::uint16_t> peer_port;
  std::string process;
  std::optional<waitstate::runtime> runtime;
  std::string container;  ///< In lower case.
  std::string cgroup;
  std::string net_namespace;
  std::optional<std::chrono::milliseconds> older;
  std::optional<unread_bytes> unread;

  /// What a kernel has to list for it.
  [[nodiscard]] tcp::state_set states_to_list() const {
    return states.empty() ? tcp::state_set::all() : states;
  }
  /// The network namespaces to look into: "" for the caller's own, "all", or a name.
  [[nodiscard]] std::string_view namespaces_to_list() const;

  friend bool operator==(const socket_selector&, const socket_selector&) = default;
};

/// Takes in one more condition, "peer" and "10.0.0.7". States add up; anything else is given once.
/// Fails with errc::invalid_input; the caller names the key or option in front of `what`.
[[nodiscard]] result<> select(socket_selector& s, std::string_view key, std::string_view value);

/// Takes in one more word, "peer:10.0.0.7", as a shell hands it over: what is behind the colon is
/// taken as it is.
[[nodiscard]] result<> select(socket_selector& s, std::string_view word);

/// Reads words with blanks between them. A value with blanks is in double quotes, in which \" is a
/// quote and \\ a backslash: process:"tmux: server".
[[nodiscard]] result<socket_selector> parse_selector(std::string_view text);

/// What parse_selector() reads as the same; empty for one that means every socket.
[[nodiscard]] std::string to_text(const socket_selector& s);

/// What is known of a socket beside its record.
struct socket_surroundings {
  const process* owner = nullptr;  ///< Or nullptr.
  waitstate::direction direction = direction::unknown;
  const network_namespace* net_namespace = nullptr;  ///< nullptr: not known, none matches.
  std::string_view peer_name = {};                   ///< Of a remote address that is `named`.
  os_family system = os_family::linux_kernel;
};

/// Is it one of those? What the record does not show, its age say, does not match.
[[nodiscard]] bool matches(const socket_selector& s, const socket_record& record,
                           const socket_surroundings& around);

/// Is one of the group's sockets among those, as far as a group tells? `of` is the snapshot that it
/// is in. `older` asks for its oldest, `unread` for any of its sockets.
[[nodiscard]] bool matches(const socket_selector& s, const socket_group& group, const snapshot& of);

/// The same of a listener: it has no peer, no age and nothing unread.
[[nodiscard]] bool matches(const socket_selector& s, const listener& l, const snapshot& of);

}  // namespace waitstate
