#include "waitstate/kernel/queues.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <thread>
#include <utility>

#include "look/queue_watch.h"
#include "waitstate/kernel/list_sockets.h"

namespace waitstate::kernel {
namespace {

using clock = std::chrono::steady_clock;
using tcp::state;

constexpr auto pause = std::chrono::milliseconds(100);
constexpr std::size_t ports_max = 8;

using place = std::pair<std::uint64_t, std::uint16_t>;  // The namespace's inode, the port.

void add(queue_watch::glimpse& to, const socket_record& s) {
  if (s.state == state::listen) {
    to.queue += s.receive_queue;
  } else {
    (s.inode == 0 ? to.waiting : to.held).insert(s.cookie);
  }
}

/// False where they cannot be listed.
bool look_at(const std::string& which, std::map<place, queue_watch>& watches) {
  list_options options{.net_namespace = which, .owners = false};
  options.selected.states = {state::listen, state::established, state::close_wait};
  std::map<place, queue_watch::glimpse> seen;
  const auto listed = list_sockets(options, [&](const listed_socket& one) {
    const place where{one.net_namespace.inode, one.record.flow.local.port};
    if (watches.contains(where)) add(seen[where], one.record);
  });
  if (!listed) return false;
  for (auto& [where, watch] : watches) watch.see(seen[where]);
  return true;
}

}  // namespace

std::vector<watched_queue> watch_queues(const snapshot& s, const std::string& which,
                                        std::vector<watched_queue> ports,
                                        std::chrono::milliseconds moment) {
  std::erase_if(ports,
                [&](const watched_queue& p) { return p.net_namespace >= s.namespaces.size(); });
  if (ports.size() > ports_max) ports.resize(ports_max);
  const auto place_of = [&](const watched_queue& p) {
    return place{s.namespaces[p.net_namespace].inode, p.port};
  };
  std::map<place, queue_watch> watches;
  for (const auto& p : ports) watches[place_of(p)];
  if (watches.empty() || !look_at(which, watches)) return {};
  const auto until = clock::now() + moment;
  const auto stands = [](const auto& one) { return one.second.taken() == 0; };
  while (clock::now() < until && std::ranges::any_of(watches, stands)) {
    std::this_thread::sleep_for(pause);
    if (!look_at(which, watches)) return {};
  }
  for (auto& p : ports) p.taken = watches[place_of(p)].taken();
  return ports;
}

}  // namespace waitstate::kernel
