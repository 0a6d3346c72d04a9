#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "proc/descriptor_scan.h"

namespace waitstate::kernel {

/// TCP sockets that a process holds and that are in no table of the kernel: a reset or a kill took
/// the connection away and the program has not closed its descriptor (kernel.md 3.7).
struct ghost_counts {
  std::map<std::uint32_t, std::uint64_t> by_process;  ///< Index into descriptor_scan::processes.
  /// Of processes whose sockets may be asked (PTRACE_MODE_ATTACH): those that were never connected.
  /// They are in neither count twice.
  std::map<std::uint32_t, std::uint64_t> unconnected_by_process;
  std::uint64_t unchecked = 0;  ///< Sockets left unlooked at because of the bound.
};

/// Looks at the sockets of `scan` that nobody asked for and whose process is in one of
/// `namespaces` (inodes, each of them dumped in full). Where the scan does not tell what has become
/// of one: what kind of socket a descriptor is tells its attribute system.sockprotoname; that it is
/// still there, its link, read again.
///
/// A TCP socket that was never connected (socket() and nothing more) is told apart by the segments
/// that it sent, where we may ask it; one that a process holds from a namespace that was not dumped
/// looks like a ghost: a few are normal.
[[nodiscard]] ghost_counts count_ghosts(const descriptor_scan& scan,
                                        const std::set<std::uint64_t>& namespaces,
                                        std::size_t checks_max = 50'000);

/// Has this socket of another process sent a segment in its life? Asked through a copy of its
/// descriptor (pidfd_getfd), which is closed at once. Nothing where we may not, or it is no TCP.
[[nodiscard]] std::optional<bool> was_connected(int process, std::uint32_t number);

/// Is this descriptor a TCP socket with this inode, now?
[[nodiscard]] bool is_tcp_descriptor(std::int32_t pid, std::uint32_t number, std::uint32_t inode);

}  // namespace waitstate::kernel
