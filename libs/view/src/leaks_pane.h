#pragma once

#include "pane.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::view {

/// What is half closed and selected, by how long it has been: who holds it, and what is unread.
/// Ghosts, too.
[[nodiscard]] pane leaks_pane(const snapshot& s, const socket_selector& filter);

}  // namespace waitstate::view
