#pragma once

#include <sys/types.h>

#include <string_view>
#include <utility>
#include <vector>

namespace waitstate::remedy::guard {

/// A process and its parent.
using parenthood = std::pair<pid_t, pid_t>;

/// Whom a process started, and whom these started, whatever group or session they have made. One
/// that lost its parent is nobody's any more.
[[nodiscard]] std::vector<pid_t> descendants_of(pid_t pid);

/// The same among these.
[[nodiscard]] std::vector<pid_t> descendants_in(const std::vector<parenthood>& all, pid_t pid);

/// The parent in a text of /proc/PID/stat; 0 where it is none. A name may hold anything.
[[nodiscard]] pid_t parent_in(std::string_view stat);

}  // namespace waitstate::remedy::guard
