#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "proc/owner_table.h"

namespace waitstate::kernel {

/// What a pass over /proc/*/fd found.
struct descriptor_scan {
  std::vector<scanned_process> processes;  ///< By pid; those without any descriptor too.
  owner_table owners;
  std::uint64_t descriptors = 0;
  /// Processes of other users, whose descriptors we may not see.
  std::uint64_t unreadable_processes = 0;
};

/// Reads every descriptor of every process, linear in their number: one readlink each, which is
/// nearly all of its cost. The links are read by a few threads at once, at most four. `progress`
/// (may be empty) is called from the calling thread with the descriptors read so far.
[[nodiscard]] descriptor_scan scan_descriptors(const std::function<void(std::uint64_t)>& progress);

}  // namespace waitstate::kernel
