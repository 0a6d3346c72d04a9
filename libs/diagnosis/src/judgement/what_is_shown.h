#pragma once

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Sockets, counts or counters: does the snapshot show what a host does, not only how it is set?
[[nodiscard]] bool shows_the_host(const snapshot& s);

/// Connections of several states, or listeners beside them: a table that nobody filtered by state.
[[nodiscard]] bool shows_whole_table(const snapshot& s);

/// Does the snapshot tell how many connections are open (ESTABLISHED), by rows, counts or totals?
[[nodiscard]] bool shows_open(const snapshot& s);

/// Connections of any state whose rows or counts were seen; not listeners, nor the kernel's totals.
[[nodiscard]] bool shows_connections(const snapshot& s);

}  // namespace waitstate::diagnosis
