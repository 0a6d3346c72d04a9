#pragma once

#include <cstdint>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// A longer accept queue: asked for in the listening program, in the way of its runtime where that
/// is known, and allowed by the system. Longer than the queue that was `seen_full`.
[[nodiscard]] std::vector<remedy> listen_longer(const snapshot& s, std::uint32_t net_namespace,
                                                const owner_ref& owner, std::uint64_t seen_full);

}  // namespace waitstate::diagnosis
