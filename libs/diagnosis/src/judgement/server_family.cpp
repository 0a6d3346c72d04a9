#include "judgement/server_family.h"

#include <algorithm>

namespace waitstate::diagnosis {

bool are_one_family(const process& a, const process& b) {
  if (a.name != b.name || a.pid == 0 || b.pid == 0) return false;
  return a.parent == b.pid || b.parent == a.pid || (a.parent == b.parent && a.parent > 1);
}

bool serves(const snapshot& s, const owner_ref& owner, std::uint32_t net_namespace,
            std::uint16_t port) {
  const auto* candidate = s.owner_of(owner);
  if (candidate == nullptr) return false;
  const bool listens = std::ranges::any_of(s.listeners, [&](const listener& l) {
    const auto* server = s.owner_of(l.owner);
    return l.net_namespace == net_namespace && l.local.port == port && server != nullptr &&
           (l.owner == owner || are_one_family(*server, *candidate));
  });
  return listens || std::ranges::any_of(s.groups, [&](const socket_group& g) {
           return g.key.owner == owner && g.key.direction == direction::inbound &&
                  g.key.net_namespace == net_namespace && g.key.local.port == port;
         });
}

}  // namespace waitstate::diagnosis
