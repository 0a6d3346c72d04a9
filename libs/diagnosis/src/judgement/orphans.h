#pragma once

#include <cstdint>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Sockets without an owner that still have data or a FIN to send, against what the kernel allows.
struct orphans {
  std::uint64_t count = 0;
  std::uint64_t most = 0;         ///< net.ipv4.tcp_max_orphans; 0 where it was not seen.
  const message* said = nullptr;  ///< "too many orphaned sockets"
  std::uint64_t sockets = 0;      ///< Of all kinds that the kernel has in use; 0 where not seen.
  /// Connections that it reset for their number, or for memory (TCPAbortOnMemory), since boot.
  std::uint64_t reset = 0;
  std::uint64_t opened = 0;  ///< Connections since boot; 0 where not seen.

  /// Four fifths of what is allowed: the kernel counts twice those of a socket that sent much
  /// lately (tcp_too_many_orphans), so it starts to reset well before the limit.
  [[nodiscard]] bool is_near() const { return most > 0 && count * 10 >= most * 8; }

  /// Resets that matter: one in a thousand connections, or some where half of all sockets are
  /// orphans at this moment.
  [[nodiscard]] bool are_reset() const {
    constexpr std::uint64_t some = 10;
    const bool now = count >= some && count * 2 >= sockets && sockets > 0;
    return reset >= some && (now || (opened > 0 && reset * 1'000 >= opened));
  }
};

[[nodiscard]] orphans orphans_of(const snapshot& s);

/// tcp_check_oom() looks at orphans and at memory, and old kernels say "Out of socket memory" for
/// either. Do the orphans explain what was `said` of memory: they are at their limit, or said to be
/// at least as often, and nothing shows memory under pressure?
[[nodiscard]] bool explains(const orphans& o, const message& said, bool memory_is_pressed);

}  // namespace waitstate::diagnosis
