#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::kernel {

/// What to look at.
struct look_options {
  /// Which network namespaces: empty for this process's own; "all" for each distinct one of the
  /// host, once; a name of `ip netns`, or a pid, for one.
  std::string net_namespace;
  /// Find the processes that hold the sockets, in /proc. Without it every owner is unknown.
  bool owners = true;
  /// Zero: one look. Else a second look this long after the first gives rates, growth and exact
  /// owners of TIME-WAIT sockets that were seen alive.
  std::chrono::milliseconds interval{0};
  /// Called now and then with what is being done ("reading sockets") and how much of it is done;
  /// from the calling thread. May be empty.
  std::function<void(std::string_view what, std::uint64_t done)> progress;
};

/// One picture of this host's TCP sockets, from netlink sock_diag and /proc. Needs no privilege;
/// what may not be seen without is counted in the snapshot's limits. Fails only when no socket
/// can be read at all or when a namespace that was named cannot be entered.
[[nodiscard]] result<snapshot> look(const look_options& options);

}  // namespace waitstate::kernel
