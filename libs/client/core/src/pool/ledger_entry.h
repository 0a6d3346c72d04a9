#pragma once

#include "pool/pool_core.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/ledger.h"

namespace waitstate::client {

/// What the ledger of the pool to `to` says about a lease at `now`.
[[nodiscard]] ledger_entry entry_of(const endpoint& to, const lease_record& record, time_point now);

}  // namespace waitstate::client
