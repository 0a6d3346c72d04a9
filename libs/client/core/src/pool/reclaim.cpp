#include "waitstate/client/core/reclaim.h"

#include <algorithm>

namespace waitstate::client {
namespace {

bool passed(duration limit, duration since) {
  return limit.count() > 0 && since >= limit;
}

}  // namespace

std::string_view to_string(reclaim_reason r) {
  switch (r) {
    case reclaim_reason::none: return "none";
    case reclaim_reason::peer_closed: return "the peer closed it";
    case reclaim_reason::silent: return "no byte moved";
    case reclaim_reason::overdue: return "out for too long while others wait";
    case reclaim_reason::ordered: return "by order";
  }
  return "none";
}

reclaim_reason decide_reclaim(const lease_facts& lease, const reclaim_policy& policy,
                              double pressure, time_point now) {
  const auto quiet_for = now - std::max(lease.last_byte, lease.leased_at);
  if (lease.peer_closed && passed(policy.after_peer_closed, quiet_for)) {
    return reclaim_reason::peer_closed;
  }
  if (passed(policy.silent_for, quiet_for)) return reclaim_reason::silent;
  if (pressure >= policy.under_pressure && passed(policy.out_for, now - lease.leased_at)) {
    return reclaim_reason::overdue;
  }
  return reclaim_reason::none;
}

}  // namespace waitstate::client
