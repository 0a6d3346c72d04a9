#pragma once

#include <chrono>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::kernel {

/// Watches the descriptors of the processes in a snapshot's network namespaces for a moment and
/// adds to it who opens sockets again and again, the busiest first (at most eight). For when the
/// sockets that matter have no owner any more: it costs the whole moment, and at most that.
///
/// Sees what the caller may see of /proc; adds nothing where that is nothing. The snapshot is of
/// this host and was taken just now.
void find_openers(snapshot& s, std::chrono::milliseconds moment = std::chrono::milliseconds(300));

}  // namespace waitstate::kernel
