#include "waitstate/remedy/guard/census.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "reap/eligibility.h"
#include "waitstate/base/text.h"
#include "waitstate/snapshot/ephemeral_ports.h"
#include "waitstate/snapshot/socket_group.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::remedy::guard {
namespace {

using tcp::state;

/// The ports that connect() cannot choose to one destination, beside those that a bind() holds.
struct taken_ports {
  tcp::port_set ports;
};

/// What a rule about ports says of the other end, without what it says of the sockets.
socket_selector destination_of(const socket_selector& s) {
  socket_selector only;
  only.peer = s.peer;
  only.peer_port = s.peer_port;
  only.net_namespace = s.net_namespace;
  return only;
}

/// Would connect() take its port over (docs/kernel.md, tcp_tw_reuse)?
bool is_reusable(const kernel::listed_socket& one) {
  const auto& s = one.record;
  const auto& ns = one.net_namespace;
  if (s.state != state::time_wait || ns.sysctl("net.ipv4.tcp_timestamps").value_or(0) == 0) {
    return false;
  }
  const auto reuse = ns.sysctl("net.ipv4.tcp_tw_reuse").value_or(0);
  const bool is_local = s.flow.local.address.is_loopback() || s.flow.remote.address.is_loopback();
  if (reuse != 1 && (reuse != 2 || !is_local)) return false;
  const auto age = age_of(s);
  constexpr std::int64_t before_linux_6_14 = 1'000;
  return age && std::int64_t{age->lower_ms} >
                    ns.sysctl("net.ipv4.tcp_tw_reuse_delay").value_or(before_linux_6_14);
}

/// The ports of a namespace as connect() sees them.
struct port_supply {
  tcp::port_range range;
  tcp::port_set never;  ///< Reserved, or held by a bind().

  [[nodiscard]] std::uint64_t left(const tcp::port_set& taken) const {
    auto gone = never;
    gone.insert_all(taken);
    return range.size() - gone.count_in(range);
  }
};

/// Somebody holds it, and is not seen.
bool is_hidden(const kernel::listed_socket& one) {
  return one.owner == nullptr && one.record.inode != 0;
}

bool is_wholly_bound(state s) {
  return s == state::listen || s == state::bound_inactive;
}

}  // namespace

std::string to_string(const subject& who) {
  if (who.destination) {
    return fmt::format("connections from {} to {}", to_string(who.source),
                       to_string(*who.destination));
  }
  if (who.pid == 0) return "no process that is seen";
  return to_string(process{.pid = who.pid, .name = who.process});
}

bool is_over(const threshold& when, const sighting& seen) {
  if (seen.count == 0) return false;
  if (when.count && seen.count < *when.count) return false;
  if (when.older && (!seen.oldest_ms || std::chrono::milliseconds(*seen.oldest_ms) < *when.older)) {
    return false;
  }
  const auto is_share = [&](std::uint64_t percent, std::uint64_t whole) {
    return seen.count * 100 >= percent * whole;
  };
  if (when.descriptors_percent) {
    if (!seen.fd_limit || !is_share(*when.descriptors_percent, *seen.fd_limit)) return false;
  }
  if (when.pool && !is_share(when.pool->percent, when.pool->size)) return false;
  return !when.ports_left || (seen.ports_left && *seen.ports_left < *when.ports_left);
}

/// Of one rule.
struct census_taker::tally {
  std::size_t index = 0;    ///< Of the rule.
  socket_selector towards;  ///< For rules about ports.
  std::map<subject, sighting> seen;
  std::uint64_t not_counted = 0;  ///< Sockets of subjects past the bound.

  using destination_key = std::tuple<std::uint64_t, tcp::address, tcp::endpoint>;
  std::map<destination_key, taken_ports> taken;
  std::map<std::uint64_t, port_supply> supplies;  ///< By namespace.

  void add(const rule& r, const kernel::listed_socket& one) {
    auto key = key_of(r, one);
    auto at = seen.find(key);
    if (at == seen.end()) {
      if (seen.size() == subjects_max) {
        ++not_counted;
        return;
      }
      at = seen.emplace(key, first_of(key, one)).first;
    }
    auto& s = at->second;
    ++s.count;
    const auto pid = one.owner == nullptr ? 0 : one.owner->pid;
    if (!why_left_alone(one.record, one.direction, pid, one.net_namespace, r.may)) ++s.closable;
    const auto age = age_of(one.record);
    if (age) s.oldest_ms = std::max(s.oldest_ms.value_or(0), age->lower_ms);
  }

  void add_ports(const kernel::listed_socket& one) {
    const auto& s = one.record;
    const auto inode = one.net_namespace.inode;
    if (is_wholly_bound(s.state)) {
      supply_of(one.net_namespace).never.insert(s.flow.local.port);
      return;
    }
    const socket_surroundings around{
        .owner = nullptr, .direction = one.direction, .net_namespace = &one.net_namespace};
    if (one.direction != direction::outbound || !matches(towards, s, around)) return;
    static_cast<void>(supply_of(one.net_namespace));
    const destination_key key{inode, s.flow.local.address, s.flow.remote};
    auto at = taken.find(key);
    if (at == taken.end()) {
      if (taken.size() == subjects_max) return;
      at = taken.emplace(key, taken_ports{}).first;
    }
    if (!is_reusable(one)) at->second.ports.insert(s.flow.local.port);
  }

  [[nodiscard]] std::optional<std::uint64_t> ports_left_to(const subject& who) const {
    if (!who.destination) return std::nullopt;
    const auto at = taken.find({who.net_namespace, who.source, *who.destination});
    const auto supply = supplies.find(who.net_namespace);
    if (at == taken.end() || supply == supplies.end()) return std::nullopt;
    return supply->second.left(at->second.ports);
  }

 private:
  static subject key_of(const rule& r, const kernel::listed_socket& one) {
    subject who{.net_namespace = one.net_namespace.inode};
    if (r.when.ports_left) {
      who.source = one.record.flow.local.address;
      who.destination = one.record.flow.remote;
    } else if (one.owner != nullptr) {
      who.pid = one.owner->pid;
      who.process = one.owner->name;
    }
    return who;
  }

  [[nodiscard]] sighting first_of(const subject& who, const kernel::listed_socket& one) const {
    sighting s{.rule = index, .who = who, .namespace_name = one.net_namespace.name};
    if (who.pid != 0) s.fd_limit = one.owner->fd_limit;
    return s;
  }

  port_supply& supply_of(const network_namespace& ns) {
    const auto [at, is_new] = supplies.try_emplace(ns.inode);
    if (is_new) {
      at->second.range =
          ns.ephemeral_range().value_or(default_ephemeral_range(os_family::linux_kernel));
      at->second.never = ns.reserved_ports();
    }
    return at->second;
  }
};

census_taker::census_taker(const policy& of, const std::vector<std::size_t>& rules,
                           const cookies* hidden)
    : policy_(of), hidden_before_(hidden) {
  tallies_.reserve(rules.size());
  for (const auto index : rules) {
    tally one;
    one.index = index;
    if (of.rules[index].when.ports_left) one.towards = destination_of(of.rules[index].selected);
    tallies_.push_back(std::move(one));
  }
}

census_taker::~census_taker() = default;

tcp::state_set census_taker::states() const {
  tcp::state_set all;
  for (const auto& one : tallies_) {
    const auto& r = policy_.rules[one.index];
    all = all | (r.when.ports_left ? tcp::state_set::all() : r.selected.states_to_list());
  }
  return all;
}

void census_taker::take(const kernel::listed_socket& one) {
  const socket_surroundings around{
      .owner = one.owner, .direction = one.direction, .net_namespace = &one.net_namespace};
  for (auto& into : tallies_) {
    const auto& r = policy_.rules[into.index];
    if (r.when.ports_left) into.add_ports(one);
    if (r.when.ports_left && one.direction != direction::outbound) continue;
    if (!matches(r.selected, one.record, around)) continue;
    if (!r.when.ports_left && is_hidden(one)) {
      if (hidden_.size() < hidden_max) hidden_.insert(one.record.cookie);
      if (hidden_before_ != nullptr && !hidden_before_->contains(one.record.cookie)) continue;
    }
    into.add(r, one);
  }
}

void census_taker::finish(census& to) {
  for (auto& from : tallies_) {
    to.looked_at[from.index] = true;
    for (auto& [who, seen] : from.seen) {
      seen.ports_left = from.ports_left_to(who);
      to.seen.push_back(std::move(seen));
    }
    if (from.not_counted > 0) {
      to.troubles.emplace_back(
          from.index,
          error{.code = errc::unavailable,
                .what = fmt::format("more than {} owners or destinations are selected: {} of "
                                    "others are not counted",
                                    grouped(subjects_max), counted(from.not_counted, "socket")),
                .hint = "a selection of fewer: process:, peer:, cgroup:"});
    }
  }
}

census take_census(const policy& of, const kernel::progress_sink& progress) {
  census seen;
  seen.looked_at.assign(of.rules.size(), false);
  std::map<std::string, std::vector<std::size_t>> by_namespace;
  for (std::size_t i = 0; i < of.rules.size(); ++i) {
    const auto& r = of.rules[i];
    const auto& named =
        r.net_namespace.empty() ? std::string(r.selected.namespaces_to_list()) : r.net_namespace;
    by_namespace[named].push_back(i);
  }
  for (const auto& together : by_namespace) {
    const auto& rules = together.second;
    const auto list = [&](census_taker& taker) {
      kernel::list_options wanted;
      wanted.net_namespace = together.first;
      wanted.progress = progress;
      wanted.selected.states = taker.states();
      return kernel::list_sockets(wanted,
                                  [&](const kernel::listed_socket& one) { taker.take(one); });
    };
    census_taker first(of, rules);
    auto listed = list(first);
    if (listed && first.hidden().empty()) {
      first.finish(seen);
      continue;
    }
    census_taker second(of, rules, &first.hidden());
    if (listed) listed = list(second);
    if (listed) {
      second.finish(seen);
      continue;
    }
    for (const auto index : rules) seen.troubles.emplace_back(index, listed.error());
  }
  return seen;
}

}  // namespace waitstate::remedy::guard
