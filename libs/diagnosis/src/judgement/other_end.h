#pragma once

#include <cstdint>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Connections to one destination (outbound), or on one listening port of ours (inbound, where an
/// address that is not known or unspecified stands for all).
struct one_end {
  std::uint32_t net_namespace = 0;
  direction side = direction::unknown;
  tcp::endpoint endpoint;
};

/// Who holds the other ends, where they are on this host and were looked at too: over loopback, or
/// in another network namespace.
struct other_end {
  std::uint32_t net_namespace = 0;
  owner_ref owner;
  std::uint64_t sockets = 0;  ///< 0: nothing is connected, but its listener is there.
};

/// Those that hold most first. Ends are joined by both addresses and the server's port; where that
/// fits several namespaces, which may all use the same addresses, the sockets' own namespace is
/// meant, and without it none. Empty for a paste.
[[nodiscard]] std::vector<other_end> other_ends_of(const snapshot& s, const one_end& end);

/// Says so as the second of the facts, at most three of them: "the other end", "python3 (pid
/// 29478), in ws51".
void add_other_end(const snapshot& s, const one_end& end, std::vector<evidence>& proof);

}  // namespace waitstate::diagnosis
