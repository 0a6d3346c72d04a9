#pragma once

#include "pane.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::view {

/// Destinations that are selected, by the ports that are left to them.
[[nodiscard]] pane ports_pane(const snapshot& s, const socket_selector& filter);

}  // namespace waitstate::view
