#pragma once

#include <cstdint>
#include <optional>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// The TIME-WAIT table of one network namespace against its limit, tcp_max_tw_buckets.
struct bucket_use {
  std::uint64_t in_use = 0;
  std::uint64_t most = 0;  ///< The limit; 0 when not seen.
  double overflows_per_second = 0;
  std::uint64_t overflows = 0;  ///< Since boot.
  /// Of a paste: a hundredth of all that were in TIME-WAIT, or nothing says how many those were.
  bool is_much_of_all = false;
  const message* complaint = nullptr;  ///< The kernel's, that the table overflowed.

  /// Full, but for what comes and goes while one looks.
  [[nodiscard]] bool is_full() const;
};

[[nodiscard]] bucket_use bucket_use_of(const snapshot& s, std::uint32_t net_namespace);

/// How much an overflow of it matters: a warning where connections skip TIME-WAIT now, or where a
/// paste shows that many did; an information where some did since boot; nothing where none did.
[[nodiscard]] std::optional<severity> severity_of_overflow(const bucket_use& use);

}  // namespace waitstate::diagnosis
