#pragma once

#include <string>
#include <vector>

#include "waitstate/sidecar/status.h"

namespace waitstate::sidecar {

/// What routes count, in Prometheus' text format. docs/sidecar.md lists the names.
[[nodiscard]] std::string to_metrics(const std::vector<route_status>& routes);

}  // namespace waitstate::sidecar
