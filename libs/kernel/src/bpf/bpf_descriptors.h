#pragma once

#include <cstdint>
#include <functional>

#include "proc/descriptor_scan.h"
#include "waitstate/base/result.h"

namespace waitstate::kernel {

/// Reads every descriptor of every process by the kernel's iterators (iter/task and iter/task_file,
/// Linux 5.11), in a quarter of the processor time that scan_descriptors() takes for 200,000 of
/// them; loading costs 30 ms of processor time. Sees processes whose links may not be read, and
/// tells of each TCP socket whether it has ended.
///
/// `progress` (may be empty) gets the descriptors read so far. Fails with errc::permission without
/// the rights, and with errc::unsupported where the kernel does not take the programs: it has no
/// BTF or no such iterators.
[[nodiscard]] result<descriptor_scan> scan_descriptors_by_bpf(
    const std::function<void(std::uint64_t)>& progress);

}  // namespace waitstate::kernel
