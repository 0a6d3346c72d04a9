#pragma once

#include "tune/situation.h"

namespace waitstate::remedy {

/// Settings for who makes connections and closes them first: a port range that is wide enough, the
/// ports in it that are reserved, and the reuse of ports in TIME-WAIT.
[[nodiscard]] proposals propose_ports(const situation& now);

}  // namespace waitstate::remedy
