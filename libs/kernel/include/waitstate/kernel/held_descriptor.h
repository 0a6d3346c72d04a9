#pragma once

#include <cstdint>
#include <set>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate::kernel {

/// Ends both directions of a socket that process `pid` holds, as shutdown() in the program would:
/// the peer gets a FIN and no reset. Works on a copy of the descriptor (pidfd_getfd, Linux 5.6),
/// after its cookie was compared. False where the process does not hold it any more. Fails with
/// errc::permission without the rights of a debugger over the process (CAP_SYS_PTRACE).
[[nodiscard]] result<bool> shut_down(std::int32_t pid, const socket_record& s);

/// How many descriptors of the process lead to one of these sockets, by their inodes; 0 where it
/// has gone or may not be looked into.
[[nodiscard]] std::uint64_t descriptors_of(std::int32_t pid, const std::set<std::uint32_t>& inodes);

}  // namespace waitstate::kernel
