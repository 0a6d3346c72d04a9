#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/sock_diag.h"
#include "proc/host.h"
#include "waitstate/base/result.h"
#include "waitstate/snapshot/host_facts.h"

namespace waitstate::kernel {

/// A network namespace and a file that leads to it.
struct net_namespace {
  std::string path;         ///< "/proc/812/ns/net", "/run/netns/blue"; empty: the caller's own.
  std::string name;         ///< Of `ip netns`, or empty.
  std::uint64_t inode = 0;  ///< What identifies it while it lives.
};

/// The namespaces that a user means by `which`: empty for the caller's own; "all" for every one
/// that a process is in or that has a name, each once, the caller's own first; a name of
/// `ip netns`; or a pid.
///
/// Fails with errc::not_found when there is no such name or process (the hint suggests the nearest
/// name) and with errc::permission when we may not see the process's namespace.
[[nodiscard]] result<std::vector<net_namespace>> select_namespaces(std::string_view which);

/// Does `work` inside a namespace. Another one than the caller's is entered by a thread made for
/// it: the calling thread stays where it is, and waits. Fails as open_view() does, or as `work`.
[[nodiscard]] result<> run_inside(const net_namespace& ns, const std::function<result<>()>& work);

/// What is read from inside a namespace; the netlink socket goes on listing its sockets.
struct namespace_view {
  /// Nothing where it holds no sockets, and those of such namespaces were not wanted.
  std::optional<sock_diag> sockets;
  network_namespace facts;
};

/// Opens a view of a namespace. Fails with errc::permission without CAP_SYS_ADMIN, and
/// with errc::not_found when the namespace has gone or its path leads to another one by now.
[[nodiscard]] result<namespace_view> open_view(const net_namespace& ns,
                                               settings_of wanted = settings_of::every_namespace);

/// The names in a folder of named namespaces, as `ip netns` lists them.
[[nodiscard]] std::vector<std::string> named_namespaces();

}  // namespace waitstate::kernel
