#pragma once

#include <cstddef>
#include <cstdint>

#include "look/flat_table.h"

namespace waitstate::kernel {

/// A cookie as it is unique on the host: older kernels count cookies per namespace.
[[nodiscard]] inline std::uint64_t host_wide(std::uint64_t cookie, std::uint64_t net_namespace) {
  return cookie ^ (net_namespace * 0x9e3779b97f4a7c15ULL);
}

/// What was seen of sockets while connections were followed: who closed them, and when the peer's
/// FIN came. Bounded, 16 bytes a socket.
class followed_sockets {
 public:
  static constexpr std::size_t sockets_max = 1'000'000;

  struct socket {
    std::uint32_t low = 0;  ///< The key in halves, so that an entry has 16 bytes.
    std::uint32_t high = 0;
    std::int32_t closer = 0;          ///< A pid; 0: nobody has closed it.
    std::uint32_t close_wait_ms = 0;  ///< Since the peer's FIN, and 1; 0: it was not seen.
    [[nodiscard]] std::uint64_t key() const { return (std::uint64_t{high} << 32) | low; }
  };

  explicit followed_sockets(std::size_t bound = sockets_max) : sockets_(bound) {}

  /// `seen` without its key.
  void insert(std::uint64_t cookie, std::uint64_t net_namespace, socket seen) {
    const auto key = host_wide(cookie, net_namespace);
    if (cookie == 0 || key == 0) return;
    seen.low = static_cast<std::uint32_t>(key);
    seen.high = static_cast<std::uint32_t>(key >> 32);
    sockets_.insert(seen);
  }

  /// nullptr where it was not followed; lives until the next insert().
  [[nodiscard]] const socket* find(std::uint64_t cookie, std::uint64_t net_namespace) {
    return cookie == 0 ? nullptr : sockets_.find(host_wide(cookie, net_namespace));
  }

 private:
  flat_table<socket> sockets_;
};

}  // namespace waitstate::kernel
