#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "waitstate/procfs/fd_limits.h"
#include "waitstate/snapshot/host_facts.h"

namespace waitstate::paste {

/// Reads a line of `uname -a`, /proc/version, `ver` of Windows or `sw_vers`, or of `uptime`, into
/// the host's system, kernel release and uptime. False, and nothing changed, where it is none.
bool read_host_line(std::string_view line, host_facts& host);

/// "5.4.0-42-generic", "12.2-RELEASE": what `uname -r` prints alone on a line.
[[nodiscard]] bool is_kernel_release(std::string_view line);

/// The descriptor limit of a line of `ulimit -a` in any shell ("open files (-n) 1024",
/// "-n: file descriptors 256", "nofiles 1024"), of /proc/PID/limits, prlimit, or a unit file
/// ("LimitNOFILE=65536"). Nothing where there is none ("unlimited").
[[nodiscard]] std::optional<procfs::fd_limits> read_fd_limit(std::string_view line);

}  // namespace waitstate::paste
