#pragma once

#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// The tables that all programs of a host share, where one is full or nearly: of open files, and of
/// sockets on a BSD (kern.ipc.maxsockets). As findings of fd-exhaustion.
[[nodiscard]] std::vector<finding> full_tables_of(const snapshot& s);

}  // namespace waitstate::diagnosis
