#pragma once

#include <cstdint>
#include <vector>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::kernel {

/// Adds to a snapshot who works for these processes (at most eight of them are looked at, and 64
/// workers of each), and where the threads of all of them are. For when a program stands still: the
/// one that a listener is told by may only watch over those that serve.
///
/// Sees what the caller may see of /proc; adds nothing where that is nothing. The snapshot is of
/// this host and was taken just now.
void find_workers(snapshot& s, const std::vector<std::int32_t>& pids);

}  // namespace waitstate::kernel
