#pragma once

#include <cstdint>
#include <optional>

#include "waitstate/remedy/reap_plan.h"
#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/host_facts.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate::remedy {

/// Why a socket that was selected is left alone, or nothing where it may be closed. Pure: asked
/// once for the plan, and once more of the socket as it is when its turn comes.
///
/// `pid` is of its holder, 0 where there is none or it is hidden.
[[nodiscard]] std::optional<left_alone> why_left_alone(const socket_record& s, direction side,
                                                       std::int32_t pid,
                                                       const network_namespace& ns,
                                                       const reap_permissions& may);

}  // namespace waitstate::remedy
