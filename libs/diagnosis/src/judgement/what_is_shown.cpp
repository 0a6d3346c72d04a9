#include "judgement/what_is_shown.h"

#include <algorithm>
#include <set>

namespace waitstate::diagnosis {

bool shows_the_host(const snapshot& s) {
  if (!s.groups.empty() || !s.listeners.empty() || !s.series.empty() || !s.sources.empty() ||
      s.states().total() > 0 || s.source == source_kind::live || !s.pools.empty() ||
      !s.tracked.empty()) {
    return true;
  }
  const bool fds =
      std::ranges::any_of(s.processes, [](const process& p) { return p.fd_count.value_or(0) > 0; });
  const bool facts = std::ranges::any_of(s.namespaces, [](const network_namespace& ns) -> bool {
    return !ns.counters.empty() || ns.totals.in_use || ns.totals.time_wait || ns.totals.allocated;
  });
  return fds || facts || s.host.conntrack_count || s.host.open_files;
}

bool shows_whole_table(const snapshot& s) {
  std::set<tcp::state> states;
  for (const auto& g : s.groups) states.insert(g.key.state);
  states.erase(tcp::state::unknown);
  if (!s.listeners.empty()) states.insert(tcp::state::listen);
  return states.size() >= 2;
}

bool shows_open(const snapshot& s) {
  const bool by_totals = std::ranges::any_of(s.namespaces, [](const network_namespace& ns) {
    return ns.totals.established.has_value() || ns.totals.in_use.has_value();
  });
  return by_totals || s.states().of(tcp::state::established) > 0;
}

bool shows_connections(const snapshot& s) {
  return std::ranges::any_of(s.groups, [](const socket_group& g) {
    return g.key.state != tcp::state::unknown && g.key.state != tcp::state::listen && g.count > 0;
  });
}

}  // namespace waitstate::diagnosis
