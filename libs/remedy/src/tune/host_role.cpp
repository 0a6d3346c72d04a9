#include "waitstate/remedy/tune/host_role.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "waitstate/base/names.h"
#include "waitstate/snapshot/runtime.h"
#include "waitstate/tcp/service.h"

namespace waitstate::remedy {
namespace {

/// More places than a balancer has back ends of one service.
constexpr std::size_t many_places = 32;
/// A program that passes connections on: so many each way, and not over twice as many on one side.
constexpr std::uint64_t passed_on_min = 10;
constexpr std::uint64_t passed_on_ratio = 2;
/// One or two are left by anything.
constexpr std::uint64_t told_from = 3;

bool is_store(std::uint16_t port) {
  using enum tcp::service_kind;
  const auto service = tcp::service_of(port);
  return service && (service->kind == database || service->kind == cache || service->kind == queue);
}

bool is_web(std::uint16_t port) {
  const auto service = tcp::service_of(port);
  return service && service->kind == tcp::service_kind::web;
}

/// All that one program does.
struct work {
  runtime kind = runtime::unknown;
  std::set<std::uint16_t> ports;
  role_leg taken;
  std::vector<const diagnosis::port_headroom*> destinations;
};

/// Over the last ten seconds or the last minute, whichever were more.
double closes_of(const socket_group& g) {
  constexpr double two_slots_s = 2.0 * socket_group::slot_ms / 1'000;
  const auto lately = g.closed_in_slot[0] + g.closed_in_slot[1];
  return std::max(g.closes_per_second(), lately / two_slots_s);
}

void count(role_leg& leg, const socket_group& g) {
  switch (g.key.state) {
    case tcp::state::established: leg.established += g.count; break;
    case tcp::state::time_wait:
      leg.time_wait += g.count;
      leg.closes_per_second += closes_of(g);
      break;
    case tcp::state::close_wait:
    case tcp::state::last_ack: leg.half_closed += g.count; break;
    case tcp::state::fin_wait_2:
      if (g.key.owner.kind != ownership::owned) leg.fin_wait_2 += g.count;
      break;
    default: break;
  }
}

class role_finder {
 public:
  role_finder(const snapshot& s, std::uint32_t ns,
              std::span<const diagnosis::port_headroom> headrooms)
      : s_(s), ns_(ns), headrooms_(headrooms) {}

  std::vector<seen_role> find() {
    find_listeners();
    find_taken();
    find_made();
    std::vector<seen_role> roles;
    for (auto& [program, done] : by_program_) add_roles(program, done, roles);
    add_short_lived(roles);
    std::ranges::sort(roles, [](const seen_role& a, const seen_role& b) {
      const auto of_a = a.taken.total() + a.made.total();
      const auto of_b = b.taken.total() + b.made.total();
      return std::tie(of_b, a.program, a.role) < std::tie(of_a, b.program, b.role);
    });
    return roles;
  }

 private:
  [[nodiscard]] std::string program_of(const owner_ref& owner) const {
    const auto* p = s_.owner_of(owner);
    return p == nullptr ? std::string() : p->name;
  }

  work& of_owner(const owner_ref& owner) {
    const auto* p = s_.owner_of(owner);
    auto& done = by_program_[p == nullptr ? std::string() : p->name];
    if (p != nullptr && done.kind == runtime::unknown) done.kind = p->runtime;
    return done;
  }

  void find_listeners() {
    for (const auto& l : s_.listeners) {
      if (l.net_namespace != ns_) continue;
      of_owner(l.owner).ports.insert(l.local.port);
      by_port_.try_emplace(l.local.port, program_of(l.owner));
    }
  }

  /// TIME-WAIT has no owner, and its listener's port has.
  void find_taken() {
    for (const auto& g : s_.groups) {
      const bool is_here = g.key.net_namespace == ns_ && g.key.direction == direction::inbound;
      if (!is_here || g.key.local.port == 0) continue;
      const auto at = by_port_.find(g.key.local.port);
      auto& done = at != by_port_.end() ? by_program_[at->second] : of_owner(g.key.owner);
      done.ports.insert(g.key.local.port);
      count(done.taken, g);
    }
  }

  void find_made() {
    for (const auto& h : headrooms_) {
      if (h.net_namespace != ns_ || h.destination.port == 0 || h.flows == 0) continue;
      if (h.owner.kind == ownership::owned) {
        of_owner(h.owner).destinations.push_back(&h);
      } else {
        by_program_[likely_program(h)].destinations.push_back(&h);
      }
    }
  }

  /// Of connections that nobody holds any more: the program that others to the same port have; else
  /// the only proxy, unless it is the other end; else not known.
  [[nodiscard]] std::string likely_program(const diagnosis::port_headroom& h) const {
    for (const auto& other : headrooms_) {
      const bool is_same = other.net_namespace == ns_ &&
                           other.destination.port == h.destination.port &&
                           other.owner.kind == ownership::owned;
      if (is_same) return program_of(other.owner);
    }
    std::string found;
    if (is_store(h.destination.port)) return found;
    for (const auto& [program, done] : by_program_) {
      if (!is_proxy(done.kind) || done.ports.contains(h.destination.port)) continue;
      if (!found.empty()) return {};
      found = program;
    }
    return found;
  }

  [[nodiscard]] role_leg made_of(const std::vector<const diagnosis::port_headroom*>& to) const {
    std::set<std::pair<tcp::address, tcp::endpoint>> places;
    for (const auto* h : to) places.emplace(h->source, h->destination);
    role_leg leg;
    for (const auto& g : s_.groups) {
      const bool is_of_these = g.key.net_namespace == ns_ && diagnosis::has_destination(s_, g) &&
                               places.contains({g.key.local.address, g.key.remote});
      if (is_of_these) count(leg, g);
    }
    return leg;
  }

  static void judge_closer(role_leg& leg) {
    const bool ends_here = leg.time_wait >= told_from;
    const bool ends_there = leg.half_closed >= told_from;
    if (ends_here && !ends_there) {
      leg.closer = first_closer::this_host;
    } else if (!ends_here && ends_there) {
      leg.closer = first_closer::other_end;
    } else if (ends_here) {
      // What is half closed passes in a moment, TIME-WAIT in a minute.
      leg.closer =
          leg.half_closed * 60 > leg.time_wait ? first_closer::both : first_closer::this_host;
    }
  }

  void add_role(host_role role, const std::string& program, const work& done,
                const std::vector<const diagnosis::port_headroom*>& to,
                std::vector<seen_role>& roles) const {
    seen_role seen{.role = role, .program = program, .destinations = to.size()};
    const bool serves = role == host_role::web_server || role == host_role::load_balancer ||
                        role == host_role::proxy;
    if (serves) {
      seen.taken = done.taken;
      for (const auto port : done.ports) {
        if (seen.ports.size() < seen_role::ports_max) seen.ports.push_back(port);
      }
      judge_closer(seen.taken);
    }
    if (!to.empty()) {
      seen.made = made_of(to);
      judge_closer(seen.made);
      seen.tightest = *to.front();
    }
    roles.push_back(std::move(seen));
  }

  static bool passes_on(const work& done, std::uint64_t made) {
    if (done.ports.empty() || made == 0) return false;
    if (is_proxy(done.kind)) return true;
    const auto in = done.taken.total();
    return in >= passed_on_min && made * passed_on_ratio >= in && made <= in * passed_on_ratio;
  }

  void add_roles(const std::string& program, const work& done,
                 std::vector<seen_role>& roles) const {
    std::vector<const diagnosis::port_headroom*> stores;
    std::vector<const diagnosis::port_headroom*> others;
    std::set<tcp::address> web_places;
    std::uint64_t made = 0;
    for (const auto* h : done.destinations) {
      const auto port = h->destination.port;
      (is_store(port) ? stores : others).push_back(h);
      if (is_store(port)) continue;
      made += h->flows;
      if (is_web(port)) web_places.insert(h->destination.address);
    }
    if (passes_on(done, made)) {
      const bool to_many = done.kind == runtime::squid || web_places.size() > many_places;
      add_role(to_many ? host_role::proxy : host_role::load_balancer, program, done, others, roles);
    } else {
      if (done.taken.total() > 0) add_role(host_role::web_server, program, done, {}, roles);
      if (!others.empty()) {
        const bool to_many = web_places.size() > many_places;
        add_role(to_many ? host_role::crawler : host_role::client, program, done, others, roles);
      }
    }
    if (!stores.empty()) add_role(host_role::database_client, program, done, stores, roles);
  }

  /// Two looks show how many connections are opened a second. Where these are many more than end
  /// here, the other end closes them, and no look finds much of them. Whose they are is told where
  /// only one program can be meant.
  void add_short_lived(std::vector<seen_role>& roles) const {
    const auto& ns = s_.namespaces[ns_];
    if (is_unexplained(ns.counter_rate("Tcp.PassiveOpens"), roles, &seen_role::taken)) {
      const auto* one = only([](const work& w) { return !w.ports.empty(); });
      if (one != nullptr) {
        closed_there(roles, *one, host_role::web_server, &seen_role::taken);
      }
    }
    auto made = ns.counter_rate("Tcp.ActiveOpens");
    // What local clients open is accepted here.
    if (made && serves_this_host()) *made -= ns.counter_rate("Tcp.PassiveOpens").value_or(0);
    if (is_unexplained(made, roles, &seen_role::made)) {
      const auto* one = only([](const work& w) { return is_proxy(w.kind); });
      if (one == nullptr) one = only([](const work& w) { return !w.destinations.empty(); });
      if (one != nullptr) closed_there(roles, *one, host_role::load_balancer, &seen_role::made);
    }
  }

  /// Do clients of a listener run on this host, too?
  [[nodiscard]] bool serves_this_host() const {
    return std::ranges::any_of(headrooms_, [&](const diagnosis::port_headroom& h) {
      const auto& to = h.destination;
      const bool is_here = to.address.is_loopback() || to.address == h.source;
      return h.net_namespace == ns_ && is_here && by_port_.contains(to.port);
    });
  }

  static bool is_unexplained(std::optional<double> opens, const std::vector<seen_role>& roles,
                             role_leg seen_role::* leg) {
    constexpr double busy = 1;
    double closes = 0;
    for (const auto& r : roles) closes += (r.*leg).closes_per_second;
    return opens && *opens >= busy && closes * passed_on_ratio < *opens;
  }

  using named_work = std::pair<const std::string, work>;
  [[nodiscard]] const named_work* only(bool (*fits)(const work&)) const {
    const named_work* found = nullptr;
    for (const auto& one : by_program_) {
      if (!fits(one.second)) continue;
      if (found != nullptr) return nullptr;
      found = &one;
    }
    return found;
  }

  /// That program's leg; where no look found any of it, it is a role that is added.
  void closed_there(std::vector<seen_role>& roles, const named_work& one, host_role otherwise,
                    role_leg seen_role::* leg) const {
    const auto& [program, done] = one;
    const auto has_leg = [&](const seen_role& r) {
      return r.program == program && (r.*leg).total() > 0;
    };
    auto at = std::ranges::find_if(roles, has_leg);
    if (at == roles.end()) {
      // A proxy that was taken for a server, since nothing was left of its other side.
      if (otherwise == host_role::load_balancer) {
        std::erase_if(roles, [&](const seen_role& r) {
          return r.program == program && r.role == host_role::web_server;
        });
      }
      add_role(otherwise, program, done, {}, roles);
      at = std::prev(roles.end());
    }
    auto& closer = (*at.*leg).closer;
    if (closer == first_closer::unknown) closer = first_closer::other_end;
  }

  const snapshot& s_;
  std::uint32_t ns_;
  std::span<const diagnosis::port_headroom> headrooms_;
  std::map<std::string, work> by_program_;
  std::map<std::uint16_t, std::string> by_port_;
};

}  // namespace

std::string_view to_string(host_role r) {
  switch (r) {
    case host_role::web_server: return "web-server";
    case host_role::load_balancer: return "load-balancer";
    case host_role::proxy: return "proxy";
    case host_role::database_client: return "database-client";
    case host_role::crawler: return "crawler";
    case host_role::client: return "client";
  }
  return "client";
}

std::optional<host_role> parse_host_role(std::string_view name) {
  return named_in(all_host_roles, name);
}

std::string_view to_string(first_closer c) {
  switch (c) {
    case first_closer::unknown: return "unknown";
    case first_closer::this_host: return "this-host";
    case first_closer::other_end: return "other-end";
    case first_closer::both: return "both";
  }
  return "unknown";
}

std::vector<seen_role> roles_of(const snapshot& s, std::uint32_t net_namespace,
                                std::span<const diagnosis::port_headroom> headrooms) {
  if (net_namespace >= s.namespaces.size()) return {};
  return role_finder(s, net_namespace, headrooms).find();
}

}  // namespace waitstate::remedy
