#pragma once

#include <string>
#include <vector>

#include "waitstate/sidecar/status.h"

namespace waitstate::sidecar {

/// Routes with their servers, clients and leases, as one JSON object; docs/sidecar.md has the
/// fields.
[[nodiscard]] std::string to_json(const std::vector<route_status>& routes);

}  // namespace waitstate::sidecar
