#pragma once

#include "tune/situation.h"

namespace waitstate::remedy {

/// Settings for who takes connections: queues that overflow, the bound of TIME-WAIT, what was
/// turned off and protects a server.
[[nodiscard]] proposals propose_queues(const situation& now);

/// Settings for connections that stay: how soon a dead peer is noticed.
[[nodiscard]] proposals propose_keepalive(const situation& now);

/// The table of tracked connections.
[[nodiscard]] proposals propose_conntrack(const situation& now);

}  // namespace waitstate::remedy
