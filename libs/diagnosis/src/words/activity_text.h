#pragma once

#include <string>
#include <vector>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// What a process does: "running", "asleep in hrtimer_nanosleep", "stopped".
[[nodiscard]] std::string activity_text(const process& p);

/// The same of several: "3 asleep in hrtimer_nanosleep (pids 11, 12 and 13), 1 running (pid 14)".
[[nodiscard]] std::string activities_text(const snapshot& s, const std::vector<owner_ref>& who);

/// What the workers of a port do, and all threads of the one of them that is to be looked at: as
/// far as it is known.
[[nodiscard]] std::vector<evidence> activity_evidence(const snapshot& s,
                                                      const std::vector<owner_ref>& workers,
                                                      const owner_ref& looked_at);

}  // namespace waitstate::diagnosis
