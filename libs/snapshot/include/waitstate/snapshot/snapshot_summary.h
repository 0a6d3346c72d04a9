#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "waitstate/snapshot/counts.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate {

/// What a snapshot is a picture of: where it is from, when it was taken, of which host, and how
/// many sockets are in each state. Small, whatever the size of the snapshot.
struct snapshot_summary {
  source_kind source = source_kind::live;
  std::string source_detail;  ///< "sock_diag", or the formats a paste held: "ss, sysctl".
  std::chrono::system_clock::time_point taken_at;  ///< The epoch where it is not known.
  /// The time between two looks.
  std::optional<std::chrono::milliseconds> interval;

  host_facts host;               ///< Without its settings.
  std::uint64_t namespaces = 0;  ///< How many network namespaces were looked at.
  state_counts states;           ///< Of all of them, listeners too.
};

[[nodiscard]] snapshot_summary summary_of(const snapshot& s);

}  // namespace waitstate
