#pragma once

#include <string>
#include <vector>

namespace waitstate::cli {

/// What looking at this host again and again takes.
struct needed_rights {
  bool other_namespaces = false;  ///< To enter network namespaces: CAP_SYS_ADMIN.
  bool bpf = false;               ///< To load programs that read owners: CAP_BPF, CAP_PERFMON.
};

/// Gives up every capability of this thread, and of those that it starts, but what is needed:
/// CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH to see who holds a socket, and the above. Returns the
/// names of those that are kept; empty where it had none of these.
std::vector<std::string> drop_rights_but(const needed_rights& needed);

}  // namespace waitstate::cli
