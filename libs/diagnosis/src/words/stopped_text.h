#pragma once

#include <string_view>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Why a stopped program serves nobody.
inline constexpr std::string_view why_stopped =
    "The program is stopped: by a signal (SIGSTOP, SIGTSTP, Ctrl-Z) or by a debugger that holds "
    "it. "
    "None of its threads runs, while the kernel goes on finishing handshakes and taking data for "
    "it.";

/// How these processes are made to run again.
[[nodiscard]] std::vector<remedy> let_run(const snapshot& s, const std::vector<owner_ref>& stopped);

}  // namespace waitstate::diagnosis
