#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "look/flat_table.h"
#include "waitstate/snapshot/process.h"

namespace waitstate::kernel {

/// A process as the descriptor scan saw it.
struct scanned_process {
  std::int32_t pid = 0;
  std::uint64_t net_namespace = 0;  ///< The inode of its network namespace; 0 when not readable.
  std::uint64_t fd_count = 0;
  fd_kinds kinds;
};

/// What becomes of a socket in the kernel's tables of TCP.
enum class socket_life : std::uint8_t {
  unknown,          ///< The source does not tell.
  no_tcp,           ///< Never in them.
  listed,           ///< In them, or in those of another network namespace.
  ended,            ///< It has sent something, and a reset or a kill took it away.
  never_connected,  ///< socket() and nothing more, or bound.
};

/// A descriptor that refers to a socket.
struct held_socket {
  std::uint32_t inode = 0;
  std::uint32_t process = 0;  ///< Index into descriptor_scan::processes.
  std::uint32_t fd = 0;
  socket_life life = socket_life::unknown;
};

/// Which process holds which socket: 15 bytes a socket, a lookup in constant time.
///
/// Where several processes hold one socket (a listener kept by a master and its workers) the owner
/// is the one with the lowest index: the scan numbers them by pid, so usually the parent. Remembers
/// which sockets were asked for: the others are in no table of the kernel, or no TCP.
class owner_table {
 public:
  static constexpr std::size_t sockets_max = 8'000'000;

  owner_table() : sockets_(sockets_max) {}

  /// Past the bound nothing more is kept; that is counted.
  void insert(const held_socket& held);

  /// Index of the process that holds this socket inode, if any does. Marks it as asked for.
  [[nodiscard]] std::optional<std::uint32_t> owner_of(std::uint32_t inode);

  [[nodiscard]] std::size_t size() const { return sockets_.size(); }
  /// Descriptors beyond the first of a socket.
  [[nodiscard]] std::uint64_t shared() const { return shared_; }
  [[nodiscard]] std::uint64_t not_kept() const { return not_kept_; }

  /// Calls `visit(const held_socket&)` for each socket that nobody asked for, in no order.
  template <class Visit>
  void visit_unasked(Visit visit) const {
    for (const auto& e : sockets_.slots()) {
      if (e.inode == 0 || e.is_asked != 0) continue;
      visit(held_socket{.inode = e.inode,
                        .process = e.process,
                        .fd = e.fd,
                        .life = static_cast<socket_life>(e.life)});
    }
  }

 private:
  // A host has at most 4,194,304 processes (include/linux/threads.h, PID_MAX_LIMIT).
  static constexpr std::uint32_t processes_max = 1U << 24;
  struct entry {
    std::uint32_t inode = 0;
    std::uint32_t process : 24 = 0;
    std::uint32_t life : 7 = 0;
    std::uint32_t is_asked : 1 = 0;
    std::uint32_t fd = 0;
    [[nodiscard]] std::uint64_t key() const { return inode; }
  };
  flat_table<entry> sockets_;
  std::uint64_t shared_ = 0;
  std::uint64_t not_kept_ = 0;
};

/// "socket:[4711]" -> 4711: the target of a link in /proc/PID/fd.
[[nodiscard]] std::optional<std::uint32_t> parse_socket_link(std::string_view target);

/// Counts a descriptor by the target of its link.
void count_kind(fd_kinds& kinds, std::string_view target);

}  // namespace waitstate::kernel
