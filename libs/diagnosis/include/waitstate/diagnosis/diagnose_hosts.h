#pragma once

#include <span>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Diagnoses several hosts, at least one, in one report: each as diagnose() does, and then
/// together. A finding says which host it is of. What is wrong on one host because the other end of
/// its connections is at fault becomes an info under the finding of that host; both say what the
/// other end is. The verdict is that of the worst host. One host alone is diagnose().
[[nodiscard]] report diagnose_hosts(std::span<const snapshot> hosts);

}  // namespace waitstate::diagnosis
