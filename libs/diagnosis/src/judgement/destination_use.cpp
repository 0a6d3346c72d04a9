#include "judgement/destination_use.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "judgement/direction.h"
#include "waitstate/base/text.h"
#include "waitstate/tcp/service.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

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
std::vector<headroom> undirected_destinations(const snapshot& s, const port_table& ports) {
  constexpr std::uint64_t outstanding = 1'000;
  if (s.source != source_kind::pasted || s.states().of(tcp::state::listen) > 0) return {};
  std::map<std::uint16_t, port_count> by_port;
  for (const auto& group : s.groups) {
    if (!is_count_for_a_port(s, group)) continue;
    const auto port = group.key.remote.port != 0 ? group.key.remote.port : group.key.local.port;
    if (group.key.state == tcp::state::time_wait) by_port[port].time_wait += group.count;
    if (group.key.state == tcp::state::established) by_port[port].established += group.count;
  }
  std::vector<headroom> rooms;
  for (const auto& [port, count] : by_port) {
    const bool stands_out =
        count.time_wait >= outstanding && count.established * 10 <= count.time_wait;
    if (!stands_out || is_web(port) || has_listener(s, port)) continue;
    headroom room{
        .destination = {.port = port}, .supply = ports.supply(0), .reuse = ports.reuse(0)};
    room.time_wait = count.time_wait;
    room.established = count.established;
    room.flows = count.time_wait + count.established;
    room.free = room.supply.usable() - std::min(room.supply.usable(), room.flows);
    room.direction_guessed = true;
    rooms.push_back(room);
  }
  return rooms;
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
      uses, [&](const destination_use& u) { return u.room.destination == *m.endpoint; });
  if (exact != uses.end()) return &*exact;
  const auto near = std::ranges::find_if(
      uses, [&](const destination_use& u) { return speaks_of(m, u.room.destination); });
  return near == uses.end() ? nullptr : &*near;
}

void add_failures(const snapshot& s, const port_table& ports, std::vector<destination_use>& uses) {
  for (const auto& m : s.messages) {
    if (m.kind != message_kind::address_not_available) continue;
    auto* use = use_for(uses, m);
    if (use == nullptr) {
      headroom room{.supply = ports.supply(0), .reuse = ports.reuse(0)};
      if (m.endpoint) room.destination = *m.endpoint;
      room.free = room.supply.usable();
      use = &uses.emplace_back(destination_use{.room = room});
    }
    if (use->failure == nullptr || m.to_upstream) use->failure = &m;
  }
}

/// One process that takes connections and opens about one for each. Not one that talks to itself:
/// then they are the two ends of the same connections.
bool passes_connections_on(const snapshot& s, const headroom& room) {
  constexpr std::uint64_t enough = 10;
  const auto& owner = room.owner;
  if (owner.kind != ownership::owned) return false;
  const bool to_itself = std::ranges::any_of(s.listeners, [&](const listener& l) {
    return l.owner == owner && l.local.port == room.destination.port;
  });
  if (to_itself) return false;

  std::uint64_t in = 0;
  std::uint64_t out = 0;
  for (const auto& group : s.groups) {
    if (group.key.owner != owner) continue;
    if (group.key.direction == direction::inbound) in += group.count;
    if (group.key.direction == direction::outbound) out += group.count;
  }
  return in >= enough && out * 2 >= in && out <= in * 2;
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
    if (!is_proxy(r) || l.local.port == port) continue;
    if (found != runtime::unknown && found != r) return runtime::unknown;
    found = r;
  }
  return found;
}

void find_program(const snapshot& s, destination_use& use) {
  const auto& owner = use.room.owner;
  use.connects = runtime_of_owner(s, owner);
  if (use.failure != nullptr) {
    const auto said_by = runtime_of_message(*use.failure);
    if (said_by != runtime::unknown) use.connects = said_by;
    use.by_proxy = use.failure->to_upstream;
  }
  if (use.connects == runtime::unknown && owner.kind != ownership::owned &&
      use.failure == nullptr) {
    use.connects = listening_proxy(s, use.room.destination.port);
  }
  use.by_proxy = use.by_proxy || is_proxy(use.connects) || passes_connections_on(s, use.room);
}

bool is_regular(const destination_use& use) {
  constexpr double small_rate = 5;
  const auto& room = use.room;
  if (room.closes_per_second > 0) return room.closes_per_second <= small_rate;
  return room.time_wait <= static_cast<std::uint64_t>(small_rate * 60);
}

bool looks_like_probe(const destination_use& use) {
  const auto& room = use.room;
  if (use.failure != nullptr || !is_regular(use)) return false;
  // The host asks one of its own addresses, not the loopback one: a health check from its side.
  const bool self = room.source.is_known() && room.source == room.destination.address &&
                    !room.source.is_loopback();
  return self || kind_of(room.destination.port) == tcp::service_kind::metrics;
}

bool looks_like_sample(const snapshot& s, const destination_use& use) {
  constexpr std::uint64_t rows_min = 3;
  if (s.source != source_kind::pasted || use.room.established > 0) return false;
  if (use.room.direction_guessed && !use.room.destination.address.is_known()) return true;
  const auto states = s.states();
  const auto connections =
      states.total() - states.of(tcp::state::listen) - states.of(tcp::state::unknown);
  return use.room.time_wait >= rows_min && use.room.time_wait * 4 >= connections * 3;
}

}  // namespace

std::vector<destination_use> uses_of(const snapshot& s, const std::vector<headroom>& rooms,
                                     const port_table& ports) {
  std::vector<destination_use> uses;
  uses.reserve(rooms.size());
  for (const auto& room : rooms) uses.push_back({.room = room});
  for (const auto& room : undirected_destinations(s, ports)) uses.push_back({.room = room});
  add_failures(s, ports, uses);
  std::map<std::pair<std::uint32_t, tcp::endpoint>, std::set<tcp::address>> sources;
  const auto sources_to = [&](const headroom& room) -> auto& {
    return sources[{room.net_namespace, room.destination}];
  };
  for (const auto& use : uses) {
    if (use.room.source.is_known()) sources_to(use.room).insert(use.room.source);
  }
  for (auto& use : uses) {
    use.is_one_of_several_sources = use.room.source.is_known() && sources_to(use.room).size() > 1;
    find_program(s, use);
    use.is_probe = looks_like_probe(use);
    use.is_sample = looks_like_sample(s, use);
  }
  return uses;
}

std::uint64_t time_wait_of(const snapshot& s) {
  std::uint64_t total = 0;
  for (const auto& ns : s.namespaces) {
    total += std::max(ns.states.of(tcp::state::time_wait), ns.totals.time_wait.value_or(0));
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

std::string destination_text(const snapshot& s, const tcp::endpoint& e) {
  if (e.address.is_known()) return s.text_of(e);
  if (e.port != 0) return fmt::format("port {}", e.port);
  return "a destination that is not named";
}

std::string destination_text(const snapshot& s, const destination_use& use) {
  auto text = destination_text(s, use.room.destination);
  if (use.is_one_of_several_sources) text += " from " + s.text_of(use.room.source);
  return text;
}

subject subject_of(const snapshot& s, const destination_use& use) {
  const auto& room = use.room;
  const bool is_named = room.destination.port != 0 || room.destination.address.is_known();
  return is_named ? destination_subject(s, room.destination, room.owner)
                  : namespace_subject(s, room.net_namespace);
}

std::string states_text(const headroom& room) {
  std::vector<std::string> parts;
  const auto add = [&](std::uint64_t count, const char* words) {
    if (count > 0) parts.push_back(fmt::format("{} {}", grouped(count), words));
  };
  add(room.time_wait, "in TIME-WAIT");
  add(room.established, "ESTABLISHED");
  add(room.fin_wait_2, "in FIN-WAIT-2");
  add(room.flows - room.time_wait - room.established - room.fin_wait_2, "in other states");
  return listed(parts);
}

std::vector<evidence> port_evidence(const snapshot& s, const destination_use& use) {
  const auto& room = use.room;
  const auto& supply = room.supply;
  const auto where = source_of(s);
  std::vector<evidence> facts;
  if (use.failure != nullptr) facts.push_back(message_evidence(*use.failure));
  if (room.flows > 0) {
    const auto to = destination_text(s, room.destination);
    facts.push_back({"connections to " + to, states_text(room), where});
    facts.push_back({"free ports to " + to,
                     fmt::format("{} of {}", grouped(room.free), grouped(supply.usable())), where});
    if (const auto who = owner_text(s, room.owner); !who.empty()) {
      facts.push_back({"who connects there", who, where});
    }
  }
  facts.push_back(
      {"net.ipv4.ip_local_port_range",
       fmt::format("{}-{}: {}", supply.range.low, supply.range.high, counted(supply.size, "port")),
       supply.range_assumed ? "not seen: the default is assumed" : "sysctl"});
  if (system_of(s) != os_family::linux_kernel) facts.back().fact = "port range";
  if (supply.reserved + supply.bind_owned > 0) {
    facts.push_back({"of these not for connect()",
                     fmt::format("{} reserved, {} held by bind()", grouped(supply.reserved),
                                 grouped(supply.bind_owned)),
                     where});
  }
  if (room.reuse.setting) {
    facts.push_back(setting_evidence(
        "net.ipv4.tcp_tw_reuse",
        fmt::format("{}{}: {} of the TIME-WAIT ports may be taken over", *room.reuse.setting,
                    room.reuse.without_timestamps ? " with tcp_timestamps = 0" : "",
                    room.reusable == 0 ? "none" : grouped(room.reusable))));
  }
  if (room.reuse.assumed && room.reusable > 0) {
    facts.push_back({"net.ipv4.tcp_tw_reuse",
                     fmt::format("2, over loopback: {} of the TIME-WAIT ports may be taken over",
                                 grouped(room.reusable)),
                     "not seen: the default is assumed"});
  }
  if (room.closes_per_second > 0) {
    facts.push_back({"closes per second",
                     fmt::format("{} over the last 60 s, {} over the last 10 s",
                                 rate(room.closes_per_second), rate(room.recent_closes_per_second)),
                     "TIME-WAIT timers"});
  }
  return facts;
}

std::string time_wait_text(const snapshot& s) {
  switch (system_of(s)) {
    case os_family::linux_kernel: return "60 s";
    case os_family::windows: return "30 s to 4 min (TcpTimedWaitDelay)";
    default: return "2 x net.inet.tcp.msl (30 or 60 s)";
  }
}

std::string port_forecast(const headroom& room) {
  const auto usable = grouped(room.supply.usable());
  if (room.growth_per_second && *room.growth_per_second > 0 && room.exhausted_in) {
    return fmt::format("{} more a second, {} left: the last port goes in {}",
                       rate(*room.growth_per_second), counted(room.free, "port"),
                       elapsed(*room.exhausted_in));
  }
  if (room.recent_closes_per_second <= 0) return {};
  const auto held = static_cast<std::uint64_t>(room.recent_closes_per_second * 60);
  auto text = fmt::format("{} closes a second x 60 s of TIME-WAIT = {} held at once, of {}",
                          rate(room.recent_closes_per_second), counted(held, "port"), usable);
  if (room.exhausted_in && room.free > 0) {
    text += fmt::format("; at this rate the last one goes in {}", elapsed(*room.exhausted_in));
  }
  return text;
}

}  // namespace waitstate::diagnosis
