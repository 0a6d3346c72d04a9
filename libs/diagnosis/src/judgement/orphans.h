#pragma once

#include <cstdint>

#include "judgement/tcp_memory_use.h"
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
    // Where only those lines were picked out, nobody can say of how many.
    constexpr std::uint64_t by_themselves = 100;
    if (opened == 0 && reset >= by_themselves) return true;
    return reset >= some && (now || (opened > 0 && reset * 1'000 >= opened));
  }

  /// Thousands, and half of all sockets: whatever the limit is, the peers do not take what is sent.
  [[nodiscard]] bool are_most() const { return are_many() && sockets > 0 && count * 2 >= sockets; }

  /// More than closing leaves behind anywhere but under load, and than old kernels allow on a small
  /// host: beside memory with room these are what it resets for.
  [[nodiscard]] bool are_many() const {
    constexpr std::uint64_t many = 4'096;
    return count >= many;
  }
};

[[nodiscard]] orphans orphans_of(const snapshot& s);

/// tcp_check_oom() looks at orphans and at memory, and old kernels say "Out of socket memory" for
/// either. Do the orphans explain what was `said` of memory: they are at their limit, or said to be
/// at least as often, and nothing shows memory under pressure? Or they are many, and memory is seen
/// to have room.
[[nodiscard]] bool explains(const orphans& o, const message& said, const tcp_memory_use& memory);

}  // namespace waitstate::diagnosis
