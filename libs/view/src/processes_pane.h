#pragma once

#include "pane.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::view {

/// Who holds sockets that are selected, by connections that are closed a second and then by
/// descriptors.
[[nodiscard]] pane processes_pane(const snapshot& s, const socket_selector& filter);

}  // namespace waitstate::view
