#include "look/followed_look.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace waitstate::kernel {
namespace {

/// A flow whose processes are those that stand for who opened and closed.
struct merged {
  followed_flow flow;
  const met_processes::stand_in* opener = nullptr;
  const met_processes::stand_in* closer = nullptr;
  std::uint64_t net_namespace = 0;
  std::set<std::int32_t> pids;
};

using process_name = std::pair<std::int32_t, std::string>;

process_name name_of(const met_processes::stand_in* p) {
  return p == nullptr ? process_name() : process_name(p->who.pid, p->who.name);
}

bool comes_first(const merged& a, const merged& b) {
  const auto order = [](const merged& m) {
    return std::tuple(~(m.flow.ended + m.flow.opened), m.net_namespace, m.flow.direction,
                      m.flow.end, name_of(m.opener), name_of(m.closer));
  };
  return order(a) < order(b);
}

std::vector<merged> merged_flows(const followed& met, const met_processes& processes) {
  using key = std::tuple<std::uint64_t, direction, tcp::endpoint, process_name, process_name>;
  std::map<key, std::size_t> index;
  std::vector<merged> all;
  for (const auto& m : met.flows) {
    const auto* opener = processes.of(m.opener);
    const auto* closer = processes.of(m.closer);
    const auto [known, is_new] = index.try_emplace(
        {m.net_namespace, m.flow.direction, m.flow.end, name_of(opener), name_of(closer)},
        all.size());
    if (is_new) {
      auto& fresh = all.emplace_back();
      fresh.flow.direction = m.flow.direction;
      fresh.flow.end = m.flow.end;
      fresh.opener = opener;
      fresh.closer = closer;
      fresh.net_namespace = m.net_namespace;
    }
    auto& row = all[known->second];
    row.flow.merge(m.flow);
    if (m.opener != 0) row.pids.insert(m.opener);
  }
  std::ranges::sort(all, comes_first);
  return all;
}

std::optional<std::uint32_t> index_of(const met_processes::stand_in* p, std::uint64_t net_namespace,
                                      socket_owners& owners) {
  if (p == nullptr) return std::nullopt;
  return owners.owner_from_before(p->who, net_namespace).process;
}

}  // namespace

followed_look::followed_look(followed met)
    : met_(std::move(met)), processes_(met_.processes, is_process_there) {}

const process* followed_look::closer_of(const socket_record& s, std::uint64_t net_namespace) {
  const auto* const seen = met_.sockets.find(s.cookie, net_namespace);
  if (seen == nullptr || seen->closer == 0) return nullptr;
  const auto* const who = processes_.of(seen->closer);
  return who == nullptr ? nullptr : &who->who;
}

void followed_look::add_age(socket_record& s, std::uint64_t net_namespace) {
  if (s.state != tcp::state::close_wait) return;
  const auto* const seen = met_.sockets.find(s.cookie, net_namespace);
  if (seen != nullptr && seen->close_wait_ms != 0) s.in_state_ms = seen->close_wait_ms - 1;
}

followed_connections followed_look::flows(const std::vector<socket_owners::visited>& namespaces,
                                          socket_owners& owners) const {
  followed_connections made{.watched = met_.watched, .flows = {}, .not_counted = met_.not_counted};
  for (auto& row : merged_flows(met_, processes_)) {
    const auto ns =
        std::ranges::find(namespaces, row.net_namespace, &socket_owners::visited::inode);
    if (ns == namespaces.end()) continue;
    if (made.flows.size() == flows_max) {
      ++made.flows_cut;
      continue;
    }
    auto& flow = made.flows.emplace_back(std::move(row.flow));
    flow.net_namespace = ns->index;
    flow.opener = index_of(row.opener, row.net_namespace, owners);
    flow.closer = index_of(row.closer, row.net_namespace, owners);
    flow.programs = row.pids.size();
    if (row.opener != nullptr) flow.started = row.opener->started;
  }
  return made;
}

}  // namespace waitstate::kernel
