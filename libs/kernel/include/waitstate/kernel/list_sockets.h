#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::kernel {

/// Called now and then with what is being done ("reading sockets") and how much of it is done; from
/// the calling thread. May be empty.
using progress_sink = std::function<void(std::string_view what, std::uint64_t done)>;

/// How the kernel is asked.
enum class kernel_source : std::uint8_t {
  automatic,  ///< BPF where it pays and may be used, else as `netlink`.
  bpf,        ///< Owners by BPF iterators, or nothing.
  netlink,    ///< Sockets by sock_diag, owners by the links in /proc/PID/fd.
};

/// Which sockets to list.
struct list_options {
  /// Which network namespaces: empty for those that `selected` names, or this process's own; "all"
  /// for each distinct one of the host, once; a name of `ip netns`, or a pid, for one.
  std::string net_namespace;
  /// Find the processes that hold the sockets, in /proc. Without it every owner is unknown.
  bool owners = true;
  kernel_source source = kernel_source::automatic;
  /// Only these. States are filtered by the kernel: others cost next to nothing.
  socket_selector selected;
  progress_sink progress;
};

/// One socket of a list. What it refers to lives until the sink returns; `record.net_namespace` and
/// `record.owner.process` are indexes into the `listing` that comes at the end.
struct listed_socket {
  const socket_record& record;
  const process* owner;  ///< nullptr where `record.owner` names none.
  waitstate::direction direction;
  const network_namespace& net_namespace;
};

/// What a list is of, and what it lacks.
struct listing {
  std::vector<network_namespace> namespaces;
  std::vector<process> processes;  ///< Those that hold a listed socket, and those in trouble.
  std::vector<limit> limits;
  std::uint64_t namespaces_refused = 0;  ///< Asked for, and may not be entered.
};

/// Hands each TCP socket to `sink`, with its owner, as it is read: nothing is held but cookies, 8
/// to 12 bytes a socket, by which a socket that the kernel lists twice is handed over once. Of
/// every namespace listeners come first.
///
/// Needs no privilege; what may not be seen without is counted in the limits. Fails only when no
/// socket can be read at all or when a namespace that was named cannot be entered.
[[nodiscard]] result<listing> list_sockets(const list_options& options,
                                           const std::function<void(const listed_socket&)>& sink);

}  // namespace waitstate::kernel
