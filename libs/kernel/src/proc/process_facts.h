#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "proc/container_names.h"
#include "waitstate/procfs/fd_limits.h"
#include "waitstate/snapshot/process.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::kernel {

/// The state letter of /proc/PID/stat, or 0. The name before it may hold blanks and parentheses.
[[nodiscard]] char parse_activity(std::string_view stat);

/// The parent's pid of /proc/PID/stat, or 0.
[[nodiscard]] std::int32_t parse_parent(std::string_view stat);

/// How often a process was put to sleep or interrupted, from /proc/PID/status: it grows while the
/// process works.
[[nodiscard]] std::uint64_t parse_context_switches(std::string_view status);

/// The path in cgroup v2 from /proc/PID/cgroup ("0::/path"), or empty.
[[nodiscard]] std::string parse_cgroup(std::string_view cgroup);

/// The words of /proc/PID/cmdline with blanks between them.
[[nodiscard]] std::string parse_command_line(std::string_view cmdline);

/// Reads what /proc tells of processes, and the names of their containers. Remembers which
/// executables are Go programs, so that a thousand workers cost one look at their file, and the
/// names.
class process_reader {
 public:
  /// Everything but descriptors, ghosts and the namespace. What has gone or may not be read is
  /// left empty.
  [[nodiscard]] process read(std::int32_t pid);
  [[nodiscard]] static procfs::fd_limits limits_of(std::int32_t pid);

 private:
  [[nodiscard]] bool is_go(const std::string& executable);

  static constexpr std::size_t executables_max = 4096;
  std::map<std::pair<std::uint64_t, std::uint64_t>, bool> is_go_;  ///< By device and inode.
  container_names containers_;
};

/// The index of a process in a snapshot of this host; one that is not in it yet is read and added.
std::uint32_t add_process(snapshot& s, std::int32_t pid, std::uint32_t net_namespace);

}  // namespace waitstate::kernel
