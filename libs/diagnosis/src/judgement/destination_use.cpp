#include "judgement/destination_use.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "judgement/direction.h"
#include "judgement/server_family.h"
#include "waitstate/tcp/service.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// A count for one port, which may be either side's, is worth a word from here on: below it the
/// ports of any range are far from used up whichever side it is.
constexpr std::uint64_t outstanding = 1'000;
/// Nearly everything closed: at most one open for ten.
constexpr std::uint64_t closed_for_each_open = 10;
/// A program that passes connections on: so many each way, and not over twice as many on one side.
constexpr std::uint64_t passed_on_min = 10;
constexpr std::uint64_t passed_on_ratio = 2;
/// Probes a second: a health check of a few instances, each every second.
constexpr double probe_rate_max = 5;
/// TIME-WAIT lasts a minute, so this is how many such a rate leaves.
constexpr double time_wait_s = 60;
/// One or two rows prove nothing of the rest.
constexpr std::uint64_t sample_rows_min = 3;

bool is_web(std::uint16_t port) {
  return port == 80 || port == 443;
}

tcp::service_kind kind_of(std::uint16_t port) {
  const auto service = tcp::service_of(port);
  return service ? service->kind : tcp::service_kind::other;
}

/// A count for one port, as grep finds it on either side of the connection.
struct port_count {
  std::uint64_t time_wait = 0;
  std::uint64_t established = 0;
};

bool has_listener(const snapshot& s, std::uint16_t port) {
  return std::ranges::any_of(s.listeners, [&](const listener& l) { return l.local.port == port; });
}

/// A count for a port that may be either side's.
bool is_count_for_a_port(const snapshot& s, const socket_group& group) {
  return side_of(s, group).direction == direction::unknown && !group.key.local.address.is_known() &&
         !group.key.remote.address.is_known() &&
         (group.key.local.port != 0 || group.key.remote.port != 0);
}

/// Counts for a port that is hardly our own: no listener in sight, nearly everything closed, and
/// not the port of a web server, which everybody greps for on the server.
std::vector<port_headroom> undirected_destinations(const snapshot& s, const port_table& ports) {
  if (s.source != source_kind::pasted || s.states().of(tcp::state::listen) > 0) return {};
  std::map<std::uint16_t, port_count> by_port;
  for (const auto& group : s.groups) {
    if (!is_count_for_a_port(s, group)) continue;
    const auto port = group.key.remote.port != 0 ? group.key.remote.port : group.key.local.port;
    if (group.key.state == tcp::state::time_wait) by_port[port].time_wait += group.count;
    if (group.key.state == tcp::state::established) by_port[port].established += group.count;
  }
  std::vector<port_headroom> headrooms;
  for (const auto& [port, count] : by_port) {
    const bool stands_out = count.time_wait >= outstanding &&
                            count.established * closed_for_each_open <= count.time_wait;
    if (!stands_out || is_web(port) || has_listener(s, port)) continue;
    port_headroom headroom{
        .destination = {.port = port}, .supply = ports.supply(0), .reuse = ports.reuse(0)};
    headroom.time_wait = count.time_wait;
    headroom.established = count.established;
    headroom.flows = count.time_wait + count.established;
    headroom.free = headroom.supply.usable() - std::min(headroom.supply.usable(), headroom.flows);
    headroom.direction_guessed = true;
    headrooms.push_back(headroom);
  }
  return headrooms;
}

bool speaks_of(const message& m, const tcp::endpoint& destination) {
  if (!m.endpoint || m.endpoint->port != destination.port) return false;
  const auto& named = m.endpoint->address;
  return named == destination.address || named.what() == tcp::address::kind::named ||
         !named.is_known() || !destination.address.is_known() ||
         destination.address.what() == tcp::address::kind::named;
}

/// Most specific first: a line that names the destination exactly belongs to no other.
destination_use* use_for(std::vector<destination_use>& uses, const message& m) {
  if (!m.endpoint || m.endpoint->port == 0) return uses.empty() ? nullptr : &uses.front();
  const auto exact = std::ranges::find_if(
      uses, [&](const destination_use& u) { return u.headroom.destination == *m.endpoint; });
  if (exact != uses.end()) return &*exact;
  const auto near = std::ranges::find_if(
      uses, [&](const destination_use& u) { return speaks_of(m, u.headroom.destination); });
  return near == uses.end() ? nullptr : &*near;
}

void add_failures(const snapshot& s, const port_table& ports, std::vector<destination_use>& uses) {
  for (const auto& m : s.messages) {
    if (m.kind != message_kind::address_not_available) continue;
    auto* use = use_for(uses, m);
    if (use == nullptr) {
      port_headroom headroom{.supply = ports.supply(0), .reuse = ports.reuse(0)};
      if (m.endpoint) headroom.destination = *m.endpoint;
      headroom.free = headroom.supply.usable();
      use = &uses.emplace_back(destination_use{.headroom = headroom});
    }
    if (use->failure == nullptr || m.to_upstream) use->failure = &m;
  }
}

/// One process that takes connections and opens about one for each. Not one that talks to itself:
/// then they are the two ends of the same connections.
bool passes_connections_on(const snapshot& s, const port_headroom& headroom) {
  const auto& owner = headroom.owner;
  if (owner.kind != ownership::owned) return false;
  const bool to_itself = std::ranges::any_of(s.listeners, [&](const listener& l) {
    return l.owner == owner && l.local.port == headroom.destination.port;
  });
  if (to_itself) return false;

  std::uint64_t in = 0;
  std::uint64_t out = 0;
  for (const auto& group : s.groups) {
    if (group.key.owner != owner) continue;
    if (group.key.direction == direction::inbound) in += group.count;
    if (group.key.direction == direction::outbound) out += group.count;
  }
  return in >= passed_on_min && out * passed_on_ratio >= in && out <= in * passed_on_ratio;
}

/// Does a program of that kind listen on the port itself? Then it is the other end.
bool takes_connections_on(const snapshot& s, runtime kind, std::uint16_t port) {
  return std::ranges::any_of(s.listeners, [&](const listener& l) {
    return l.local.port == port && runtime_of_owner(s, l.owner) == kind;
  });
}

/// A proxy that listens here, when no other program is known to connect: TIME-WAIT has no owner.
runtime listening_proxy(const snapshot& s, std::uint16_t port) {
  using enum tcp::service_kind;
  const auto kind = kind_of(port);
  if (kind == database || kind == cache || kind == queue || kind == metrics) {
    return runtime::unknown;
  }
  auto found = runtime::unknown;
  for (const auto& l : s.listeners) {
    const auto r = runtime_of_owner(s, l.owner);
    if (!is_proxy(r) || takes_connections_on(s, r, port)) continue;
    if (found != runtime::unknown && found != r) return runtime::unknown;
    found = r;
  }
  return found;
}

/// What is seen of its own connections goes to other places: nginx that asks php-fpm opens sockets,
/// too, while those to the cache are php-fpm's.
bool goes_elsewhere(const snapshot& s, const owner_ref& owner, const tcp::endpoint& destination) {
  bool elsewhere = false;
  for (const auto& g : s.groups) {
    if (g.key.owner != owner || g.key.direction != direction::outbound) continue;
    if (g.key.remote == destination) return false;
    elsewhere = true;
  }
  return elsewhere;
}

/// A reverse proxy asks web servers, and hardly a cache or a database.
bool is_unlikely_client(const snapshot& s, const owner_ref& owner, std::uint16_t port) {
  const auto service = tcp::service_of(port);
  const bool is_store = service && (service->kind == tcp::service_kind::cache ||
                                    service->kind == tcp::service_kind::database);
  return is_store && is_proxy(runtime_of_owner(s, owner));
}

/// Of those that open sockets now the busiest that is not the other end of the connections: who
/// accepts gets new sockets, too.
void find_opener(const snapshot& s, destination_use& use) {
  if (use.headroom.owner.kind == ownership::owned || use.headroom.flows == 0) return;
  if (use.is_over()) return;
  const auto& destination = use.headroom.destination;
  for (const auto& one : s.openers) {
    const owner_ref owner{.kind = ownership::owned, .process = one.process};
    const bool is_here = one.net_namespace == use.headroom.net_namespace;
    if (!is_here || serves(s, owner, one.net_namespace, destination.port)) continue;
    const bool is_second_best =
        goes_elsewhere(s, owner, destination) || is_unlikely_client(s, owner, destination.port);
    if (is_second_best && use.opener != nullptr) continue;
    use.opener = &one;
    use.headroom.owner = owner;
    if (!is_second_best) return;
  }
}

/// Who was seen to open them is who connects, whoever else was there.
void find_followed(const snapshot& s, destination_use& use) {
  const auto& headroom = use.headroom;
  use.followed = followed_at(s, headroom.net_namespace, direction::outbound, headroom.destination);
  if (use.followed && use.followed->opener.kind == ownership::owned) {
    use.headroom.owner = use.followed->opener;
  }
}

/// The text speaks of as many open connections as there are ports: they hold them, and no request
/// that was closed does.
bool stand_for_all_ports(const snapshot& s, const destination_use& use) {
  const auto usable = use.headroom.supply.usable();
  if (!s.statement || usable == 0 || s.statement->sockets < usable) return false;
  const auto& said = s.statement->text;
  const bool of_closed = said.contains("TIME") || said.contains("ime-wait") ||
                         said.contains("ime_wait") || said.contains("ime wait");
  return !of_closed && !s.statement->of_rows && s.states().of(tcp::state::time_wait) == 0;
}

void find_program(const snapshot& s, destination_use& use) {
  find_followed(s, use);
  find_opener(s, use);
  const auto& owner = use.headroom.owner;
  use.connects = runtime_of_owner(s, owner);
  if (use.failure != nullptr) {
    const auto said_by = runtime_of_message(*use.failure);
    if (said_by != runtime::unknown) use.connects = said_by;
    use.by_proxy = use.failure->to_upstream;
    if (stand_for_all_ports(s, use)) {
      use.by_proxy = false;
      return;
    }
  }
  if (use.connects == runtime::unknown && !use.is_over() && owner.kind != ownership::owned &&
      use.failure == nullptr) {
    use.connects = listening_proxy(s, use.headroom.destination.port);
  }
  use.by_proxy = use.by_proxy || is_proxy(use.connects) || passes_connections_on(s, use.headroom);
}

bool is_regular(const destination_use& use) {
  const auto& headroom = use.headroom;
  if (headroom.closes_per_second > 0) return headroom.closes_per_second <= probe_rate_max;
  return headroom.time_wait <= static_cast<std::uint64_t>(probe_rate_max * time_wait_s);
}

bool looks_like_probe(const destination_use& use) {
  const auto& headroom = use.headroom;
  if (use.failure != nullptr || !is_regular(use)) return false;
  // The host asks one of its own addresses, not the loopback one: a health check from its side.
  const bool self = headroom.source.is_known() && headroom.source == headroom.destination.address &&
                    !headroom.source.is_loopback();
  return self || kind_of(headroom.destination.port) == tcp::service_kind::metrics;
}

/// The far ends of the connections to a destination that is this host itself.
std::uint64_t far_ends(const snapshot& s, const tcp::endpoint& destination) {
  std::uint64_t count = 0;
  if (!destination.address.is_loopback()) return count;
  for (const auto& g : s.groups) {
    const bool is_end = g.key.direction == direction::inbound && g.key.local == destination;
    if (is_end) count += g.count;
  }
  return count;
}

/// The local ports tell that no more than a small part of the range was closed, shown or not.
bool are_few_by_their_ports(const snapshot& s, const port_headroom& headroom) {
  constexpr std::uint64_t small_part = 20;  // 5 %: twenty times the load would use up the range.
  const auto most = headroom.closed_at_most(system_of(s));
  return most && *most * small_part <= headroom.supply.usable();
}

bool looks_like_sample(const snapshot& s, const destination_use& use) {
  const auto& headroom = use.headroom;
  if (s.source != source_kind::pasted || !use.is_churn()) return false;
  if (headroom.established > 0 && !s.listeners.empty()) return false;  // A table, and no fragment.
  if (headroom.direction_guessed && !headroom.destination.address.is_known()) return true;
  const auto states = s.states();
  const auto connections =
      states.total() - states.of(tcp::state::listen) - states.of(tcp::state::unknown);
  const auto of_it = headroom.flows + far_ends(s, headroom.destination);
  // Two thirds of all.
  const bool is_most = headroom.time_wait >= 2 * (connections - std::min(connections, of_it));
  // Where it is said how many there are, that is the number.
  constexpr std::uint64_t a_number = 100;  // Less is said with words such as "many".
  const bool is_told =
      s.statement && s.statement->sockets > connections && s.statement->sockets >= a_number;
  if (is_told) return is_most && takes_much_of(s.statement->sockets, headroom.supply);
  return is_most && headroom.time_wait >= sample_rows_min && !are_few_by_their_ports(s, headroom);
}

}  // namespace

std::vector<destination_use> uses_of(const snapshot& s, const std::vector<port_headroom>& headrooms,
                                     const port_table& ports) {
  std::vector<destination_use> uses;
  uses.reserve(headrooms.size());
  for (const auto& headroom : headrooms) uses.push_back({.headroom = headroom});
  for (const auto& headroom : undirected_destinations(s, ports))
    uses.push_back({.headroom = headroom});
  add_failures(s, ports, uses);
  std::map<std::pair<std::uint32_t, tcp::endpoint>, std::set<tcp::address>> sources;
  const auto sources_to = [&](const port_headroom& headroom) -> auto& {
    return sources[{headroom.net_namespace, headroom.destination}];
  };
  for (const auto& use : uses) {
    if (use.headroom.source.is_known()) sources_to(use.headroom).insert(use.headroom.source);
  }
  for (auto& use : uses) {
    use.is_one_of_several_sources =
        use.headroom.source.is_known() && sources_to(use.headroom).size() > 1;
    find_program(s, use);
    use.is_probe = looks_like_probe(use);
    use.is_sample = looks_like_sample(s, use);
  }
  return uses;
}

std::uint64_t time_wait_of(const snapshot& s) {
  std::uint64_t total = 0;
  for (const auto& ns : s.namespaces) {
    const auto rows = ns.states.of(tcp::state::time_wait);
    // The kernel's total counts FIN-WAIT-2 in. Live each socket was seen.
    total += s.source == source_kind::live ? rows : std::max(rows, ns.totals.time_wait.value_or(0));
  }
  return total;
}

std::uint64_t unplaced_time_wait_of(const snapshot& s) {
  std::uint64_t placed = 0;
  for (const auto& group : s.groups) {
    const auto& key = group.key;
    const bool has_port = key.local.port != 0 || key.remote.port != 0;
    const bool known = key.direction != direction::unknown || has_port;
    if (key.state == tcp::state::time_wait && known) placed += group.count;
  }
  const auto all = time_wait_of(s);
  return all > placed ? all - placed : 0;
}

}  // namespace waitstate::diagnosis
