#pragma once

#include <string>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::cli {

/// The report of a snapshot of this host that was taken just now, after what one look cannot tell
/// was looked at for a moment: who opens connections, whether the queues that stand are emptied,
/// who works for those that stand still. `which` is --netns of the snapshot. Takes up to a few
/// seconds, and no time where nothing calls for it.
[[nodiscard]] diagnosis::report report_after_closer_look(snapshot& s, const std::string& which);

}  // namespace waitstate::cli
