#include "judgement/workforce.h"

#include <algorithm>
#include <set>

namespace waitstate::diagnosis {
namespace {

void sort_by_pid(const snapshot& s, std::vector<owner_ref>& workers) {
  std::ranges::sort(workers, {}, [&](const owner_ref& w) { return s.processes[w.process].pid; });
}

std::vector<owner_ref> holders_of(const snapshot& s, std::uint32_t net_namespace,
                                  std::uint16_t port) {
  std::set<owner_ref> holders;
  for (const auto& g : s.groups) {
    const bool here = g.key.net_namespace == net_namespace && g.key.local.port == port;
    const bool is_open =
        g.key.state == tcp::state::established || g.key.state == tcp::state::close_wait;
    if (here && is_open && g.key.direction == direction::inbound &&
        s.owner_of(g.key.owner) != nullptr) {
      holders.insert(g.key.owner);
    }
  }
  return {holders.begin(), holders.end()};
}

}  // namespace

owner_ref workforce::to_look_at(const snapshot& s) const {
  if (workers.empty()) return {};
  const auto running = std::ranges::find_if(
      workers, [&](const owner_ref& w) { return s.processes[w.process].activity == 'R'; });
  return running == workers.end() ? workers.front() : *running;
}

bool is_stopped(const snapshot& s, const workforce& force) {
  return !force.workers.empty() && std::ranges::all_of(force.workers, [&](const owner_ref& w) {
    const auto activity = s.processes[w.process].activity;
    return activity == 'T' || activity == 't';
  });
}

workforce workforce_of(const snapshot& s, std::uint32_t net_namespace, std::uint16_t port,
                       const owner_ref& listening) {
  workforce force;
  force.workers = holders_of(s, net_namespace, port);
  sort_by_pid(s, force.workers);
  force.busy = force.workers.size();
  std::vector<owner_ref> others;
  for (const auto& w : s.workers) {
    if (listening.kind != ownership::owned || w.works_for != listening.process) continue;
    const owner_ref one{.kind = ownership::owned, .process = w.process};
    const bool is_known = std::ranges::find(force.workers, one) != force.workers.end();
    if (w.is_same_program && !is_known) others.push_back(one);
  }
  sort_by_pid(s, others);
  force.workers.insert(force.workers.end(), others.begin(), others.end());
  if (force.workers.empty() && s.owner_of(listening) != nullptr) force.workers = {listening};
  return force;
}

}  // namespace waitstate::diagnosis
