#pragma once

#include <chrono>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate {

/// The second of two looks with what changed since the first: growth per second of every group
/// and of each process's descriptors, and the counters as rates. Namespaces are matched by inode,
/// processes by pid and name, groups by their key; what only one look has counts as 0 in the
/// other. A counter that went backwards has no rate.
///
/// Both snapshots are of the same host; `elapsed` is the time between them and over 0.
[[nodiscard]] snapshot with_rates(const snapshot& first, snapshot second,
                                  std::chrono::milliseconds elapsed);

}  // namespace waitstate
