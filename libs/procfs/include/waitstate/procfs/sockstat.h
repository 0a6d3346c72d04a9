#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "waitstate/snapshot/host_facts.h"

namespace waitstate::procfs {

/// A line of /proc/net/sockstat or sockstat6.
struct sockstat_line {
  enum class kind : std::uint8_t {
    tcp,   ///< IPv4, and with `allocated`, `orphan` and the rest of both.
    tcp6,  ///< Only `in_use`.
    other  ///< UDP, RAW, FRAG, all sockets: nothing is read.
  };
  kind what = kind::other;
  socket_totals totals;
};

/// Nothing for a line of something else, and where a line of TCP lacks its first number.
///   TCP: inuse 28 orphan 1 tw 3 alloc 41 mem 2
[[nodiscard]] std::optional<sockstat_line> read_sockstat_line(std::string_view line);

/// Adds what a whole file says of TCP. `in_use` adds up over both families.
void add_sockstat(socket_totals& to, std::string_view text);

}  // namespace waitstate::procfs
