#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::paste {

/// What one processor counted of connection tracking since boot, as `conntrack -S` prints it:
/// "cpu=0  found=12 invalid=4 insert=0 insert_failed=0 drop=128 early_drop=9012 error=0 ...".
struct conntrack_counters {
  std::uint64_t early_drop = 0;     ///< Entries that had to go so that a new one had room.
  std::uint64_t drop = 0;           ///< Packets that got no entry.
  std::uint64_t insert_failed = 0;  ///< Those among them whose entry another one was quicker with.

  friend bool operator==(const conntrack_counters&, const conntrack_counters&) = default;
};

[[nodiscard]] std::optional<conntrack_counters> read_conntrack_counters(std::string_view line);

}  // namespace waitstate::paste
