#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "waitstate/snapshot/process.h"

namespace waitstate::kernel {

/// Counts threads by where they are, the most first.
[[nodiscard]] std::vector<thread_place> counted_places(const std::vector<std::string>& places);

/// Where each thread of a process is in the kernel (/proc/PID/task/TID/wchan); at most 512 of them.
/// Empty where we may not see it, or it has gone.
[[nodiscard]] std::vector<thread_place> read_thread_places(std::int32_t pid);

}  // namespace waitstate::kernel
