#include "waitstate/diagnosis/port_headroom.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "judgement/direction.h"
#include "waitstate/snapshot/ephemeral_ports.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::chrono::seconds forecast_max{600};
constexpr double time_wait_s = 60;

struct gathered {
  port_headroom headroom;
  std::array<std::uint64_t, 12> closed_in_slot{};
  age_classes time_wait_age;
  std::map<owner_ref, std::uint64_t> owners;
  /// Of connections that carry one request after the other: who closes each does not hold these.
  std::map<owner_ref, std::uint64_t> keepers;
};

/// How many of the group's local ports connect() could have chosen. Where ports or range were not
/// seen, all of them: nobody chooses the port of an outgoing connection by hand.
std::uint64_t in_range(const socket_group& group, const port_supply& supply) {
  if (supply.range_assumed) return group.count;
  const auto known = group.odd_local_ports + group.even_local_ports;
  const auto without_port = group.count > known ? group.count - known : 0;
  return group.local_ports_in_range + without_port;
}

void take_in_ports(port_headroom& headroom, const socket_group& group) {
  if (group.local_port_low == 0) return;
  const bool is_first = headroom.closed_port_low == 0;
  const bool same = group.odd_local_ports == 0 || group.even_local_ports == 0;
  const bool as_before = is_first || (headroom.closed_ports_share_parity &&
                                      headroom.closed_port_low % 2U == group.local_port_low % 2U);
  headroom.closed_ports_share_parity = same && as_before;
  headroom.closed_port_low =
      is_first ? group.local_port_low : std::min(headroom.closed_port_low, group.local_port_low);
  headroom.closed_port_high = std::max(headroom.closed_port_high, group.local_port_high);
}

void take_in(gathered& g, const socket_group& group) {
  auto& headroom = g.headroom;
  const auto flows = in_range(group, headroom.supply);
  headroom.flows += flows;
  if (group.key.state == tcp::state::time_wait) {
    headroom.time_wait += flows;
    take_in_ports(headroom, group);
    for (std::size_t i = 0; i < g.closed_in_slot.size(); ++i) {
      g.closed_in_slot[i] += group.closed_in_slot[i];
    }
    for (std::size_t i = 0; i < g.time_wait_age.count.size(); ++i) {
      g.time_wait_age.count[i] += group.age.count[i];
    }
  }
  if (group.key.state == tcp::state::fin_wait_2) headroom.fin_wait_2 += flows;
  if (group.key.state == tcp::state::established) headroom.established += flows;
  const bool are_kept =
      group.key.state == tcp::state::established && group.used_again * 2 > group.count;
  if (group.key.owner.kind == ownership::owned) {
    (are_kept ? g.keepers : g.owners)[group.key.owner] += group.count;
  }
  // A timer ends TIME-WAIT and FIN-WAIT-2 by themselves: what they grow by is no more than what
  // closes in a minute, and that is played from the closes.
  const bool has_timer =
      group.key.state == tcp::state::time_wait ||
      (group.key.state == tcp::state::fin_wait_2 && group.key.owner.kind != ownership::owned);
  if (group.growth_per_second && !has_timer) {
    headroom.growth_per_second = headroom.growth_per_second.value_or(0) + *group.growth_per_second;
  }
  headroom.direction_guessed =
      headroom.direction_guessed || group.key.direction == direction::unknown;
}

bool may_be_reused(const port_headroom& headroom) {
  switch (headroom.reuse.applies) {
    case reuse_policy::scope::never: return false;
    case reuse_policy::scope::always: return true;
    case reuse_policy::scope::loopback:
      return headroom.source.is_loopback() || headroom.destination.address.is_loopback();
  }
  return false;
}

/// The share of TIME-WAIT sockets that are older than the delay.
double share_older(const gathered& g, std::chrono::milliseconds delay) {
  const auto delay_ms = static_cast<double>(delay.count());
  const auto known = g.time_wait_age.known();
  if (known == 0) return std::max(0.0, 1 - delay_ms / (time_wait_s * 1000));
  const auto first = age_classes::bounds_ms.front();
  const auto young = static_cast<double>(g.time_wait_age.count.front());
  if (delay_ms <= first) {
    return 1 - young * delay_ms / first / static_cast<double>(known);
  }
  double older = 0;
  for (std::size_t i = 0; i < g.closed_in_slot.size(); ++i) {
    const auto starts_ms = static_cast<double>(i) * socket_group::slot_ms;
    const auto part = (starts_ms + socket_group::slot_ms - delay_ms) / socket_group::slot_ms;
    older += std::clamp(part, 0.0, 1.0) * static_cast<double>(g.closed_in_slot[i]);
  }
  return std::min(1.0, older / static_cast<double>(known));
}

/// Plays the next ten minutes: each slot adds what closes now and what stays open, and gives back
/// what closed a minute ago. After a minute as much comes back as closes.
std::optional<std::chrono::seconds> runs_out(const gathered& g) {
  constexpr std::size_t slot_s = socket_group::slot_ms / 1000;
  const auto& headroom = g.headroom;
  if (headroom.free == 0) return std::chrono::seconds(0);
  // A port that may be taken over is not held for the minute.
  const auto closes = may_be_reused(headroom) ? 0 : headroom.recent_closes_per_second * slot_s;
  const auto stays = std::max(0.0, headroom.growth_per_second.value_or(0)) * slot_s;
  auto left = static_cast<double>(headroom.free);
  const auto slots = g.closed_in_slot.size();
  for (std::size_t i = 0; i < static_cast<std::size_t>(forecast_max.count()) / slot_s; ++i) {
    const auto back = closes == 0 ? 0.0
                      : i < slots ? static_cast<double>(g.closed_in_slot[slots - 1 - i])
                                  : closes;
    const auto change = back - closes - stays;
    if (left + change <= 0) {
      const auto before = static_cast<double>(i * slot_s);
      return std::chrono::seconds(std::llround(before + left / -change * slot_s));
    }
    left += change;
  }
  return std::nullopt;
}

port_headroom finished(gathered g) {
  auto& headroom = g.headroom;
  std::uint64_t closed = 0;
  for (const auto slot : g.closed_in_slot) closed += slot;
  headroom.closes_per_second = static_cast<double>(closed) / time_wait_s;
  headroom.recent_closes_per_second =
      static_cast<double>(g.closed_in_slot[0] + g.closed_in_slot[1]) / 10;
  if (may_be_reused(headroom)) {
    const auto share = share_older(g, headroom.reuse.delay);
    headroom.reusable = static_cast<std::uint64_t>(static_cast<double>(headroom.time_wait) * share);
  }
  const auto usable = headroom.supply.usable();
  const auto held = headroom.flows - std::min(headroom.flows, headroom.reusable);
  headroom.free = usable > held ? usable - held : 0;
  headroom.exhausted_in = runs_out(g);
  // Beside many that were closed those that are kept are another program's.
  constexpr std::uint64_t closed_for_each_kept = 4;
  if (headroom.time_wait < closed_for_each_kept * headroom.established) {
    for (const auto& [owner, count] : g.keepers) g.owners[owner] += count;
  }
  std::uint64_t most = 0;
  for (const auto& [owner, count] : g.owners) {
    if (count > most) headroom.owner = owner;
    most = std::max(most, count);
  }
  return headroom;
}

/// A range that the ports of outgoing connections tell, where many lie outside of the system's
/// default. A kernel takes them in turn from any place of its range, so that they show a part of
/// it; where they lie all together elsewhere, and leave hardly a gap, they show the whole.
std::optional<tcp::port_range> range_of_ports(const snapshot& s, std::uint32_t net_namespace,
                                              tcp::port_range usual) {
  constexpr std::size_t ports_min = 1'000;  // Fewer may be ports that programs chose.
  constexpr std::size_t outside_percent = 5;
  constexpr std::size_t dense_percent = 90;
  // Before Linux 4.2 a few thousand in a row may be a part, too.
  constexpr std::size_t whole_min = 10'000;
  tcp::port_set seen;
  for (const auto& source : s.sources) {
    if (source.net_namespace == net_namespace) seen.insert_all(source.ports);
  }
  const auto all = seen.size();
  const auto inside = seen.count_in(usual);
  if (all < ports_min || (all - inside) * 100 < all * outside_percent) return std::nullopt;
  std::uint32_t low = 1;
  std::uint32_t high = 65'535;
  while (!seen.contains(static_cast<std::uint16_t>(low))) ++low;
  while (!seen.contains(static_cast<std::uint16_t>(high))) --high;
  const bool is_whole =
      inside == 0 && all >= whole_min && all * 100 >= (high - low + 1) * dense_percent;
  if (!is_whole) {
    low = std::min<std::uint32_t>(low, usual.low);
    high = std::max<std::uint32_t>(high, usual.high);
  }
  return tcp::port_range{.low = static_cast<std::uint16_t>(low),
                         .high = static_cast<std::uint16_t>(high)};
}

/// Loopback ports may be taken over by default since Linux 4.19; an error about ports disproves it.
bool default_reuse_is_likely(const snapshot& s) {
  constexpr kernel_version since{.major = 4, .minor = 19};
  return s.source == source_kind::pasted && system_of(s) == os_family::linux_kernel &&
         s.host.version().value_or(since) >= since &&
         message_of(s, message_kind::address_not_available) == nullptr;
}

}  // namespace

std::optional<std::uint64_t> port_headroom::closed_at_most(os_family os) const {
  constexpr std::uint64_t rows_min = 8;  // Fewer may lie close together by chance.
  if (os != os_family::linux_kernel || time_wait < rows_min || closed_port_low == 0) return {};
  const std::uint64_t span = closed_port_high - closed_port_low;
  // The ports at the ends of what is shown are not the first and the last: three mean gaps more.
  const auto margin = 3 * span / (time_wait - 1);
  const bool reaches_an_end =
      closed_port_low < supply.range.low + margin || closed_port_high + margin > supply.range.high;
  if (reaches_an_end) return {};
  return (span + 2 * margin) / (closed_ports_share_parity ? 2 : 1) + 1;
}

port_supply supply_of(const snapshot& s, std::uint32_t net_namespace) {
  port_supply supply;
  const auto* ns = net_namespace < s.namespaces.size() ? &s.namespaces[net_namespace] : nullptr;
  const auto seen = ns == nullptr ? std::nullopt : ns->ephemeral_range();
  supply.range_assumed = !seen;
  supply.range = seen.value_or(default_ephemeral_range(system_of(s)));
  if (!seen && s.source == source_kind::pasted) {
    const auto told = range_of_ports(s, net_namespace, supply.range);
    supply.range_from_ports = told.has_value();
    supply.range = told.value_or(supply.range);
  }
  supply.size = supply.range.size();
  if (ns == nullptr) return supply;
  const auto reserved = ns->reserved_ports();
  supply.reserved = reserved.count_in(supply.range);
  if (ns->bound_ports.count_in(supply.range) == 0) return supply;
  for (std::uint32_t port = supply.range.low; port <= supply.range.high; ++port) {
    const auto p = static_cast<std::uint16_t>(port);
    if (ns->bound_ports.contains(p) && !reserved.contains(p)) ++supply.bind_owned;
  }
  return supply;
}

reuse_policy reuse_of(const snapshot& s, std::uint32_t net_namespace) {
  reuse_policy policy;
  if (net_namespace >= s.namespaces.size()) return policy;
  const auto& ns = s.namespaces[net_namespace];
  policy.setting = ns.sysctl("net.ipv4.tcp_tw_reuse");
  if (const auto delay = ns.sysctl("net.ipv4.tcp_tw_reuse_delay"); delay && *delay >= 0) {
    policy.delay = std::chrono::milliseconds(*delay);
  }
  policy.assumed = !policy.setting && default_reuse_is_likely(s);
  const auto wanted = policy.assumed ? 2 : policy.setting.value_or(0);
  policy.without_timestamps = wanted != 0 && ns.sysctl("net.ipv4.tcp_timestamps") == 0;
  if (policy.without_timestamps) return policy;
  if (wanted == 1) policy.applies = reuse_policy::scope::always;
  if (wanted == 2) policy.applies = reuse_policy::scope::loopback;
  return policy;
}

port_table::port_table(const snapshot& s) {
  const auto count = static_cast<std::uint32_t>(s.namespaces.size());
  rows_.reserve(count + 1);
  for (std::uint32_t ns = 0; ns <= count; ++ns) {
    rows_.push_back({.supply = supply_of(s, ns), .reuse = reuse_of(s, ns)});
  }
}

const port_table::row& port_table::of(std::uint32_t net_namespace) const {
  return rows_[std::min<std::size_t>(net_namespace, rows_.size() - 1)];
}

const port_supply& port_table::supply(std::uint32_t net_namespace) const {
  return of(net_namespace).supply;
}

const reuse_policy& port_table::reuse(std::uint32_t net_namespace) const {
  return of(net_namespace).reuse;
}

bool has_destination(const snapshot& s, const socket_group& group) {
  const auto side = side_of(s, group);
  if (side.direction != direction::outbound) return false;
  return !side.is_guessed || (group.key.remote.port != 0 && group.key.remote.address.is_known());
}

std::vector<port_headroom> headrooms_of(const snapshot& s, const port_table& ports,
                                        std::size_t most) {
  using destination = std::tuple<std::uint32_t, tcp::address, tcp::endpoint>;
  std::map<destination, gathered> by_destination;
  for (const auto& group : s.groups) {
    if (!has_destination(s, group) || group.key.remote.port == 0) continue;
    const auto ns = group.key.net_namespace;
    const auto [g, is_new] =
        by_destination.try_emplace(destination{ns, group.key.local.address, group.key.remote});
    if (is_new) {
      auto& headroom = g->second.headroom;
      headroom.net_namespace = ns;
      headroom.source = group.key.local.address;
      headroom.destination = group.key.remote;
      headroom.supply = ports.supply(ns);
      headroom.reuse = ports.reuse(ns);
    }
    take_in(g->second, group);
  }

  std::vector<port_headroom> headrooms;
  headrooms.reserve(by_destination.size());
  for (auto& [key, g] : by_destination) headrooms.push_back(finished(std::move(g)));
  // Free ports compare only within one supply; the share that is used compares everywhere.
  std::ranges::sort(headrooms, [](const port_headroom& a, const port_headroom& b) {
    const auto used_a = a.used() * b.supply.usable();
    const auto used_b = b.used() * a.supply.usable();
    if (used_a != used_b) return used_a > used_b;
    return std::tie(a.net_namespace, a.source, a.destination) <
           std::tie(b.net_namespace, b.source, b.destination);
  });
  if (headrooms.size() > most) headrooms.resize(most);
  return headrooms;
}

}  // namespace waitstate::diagnosis
