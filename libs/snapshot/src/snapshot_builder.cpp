#include "waitstate/snapshot/snapshot_builder.h"

#include <algorithm>
#include <cassert>
#include <ranges>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/tcp/service.h"

namespace waitstate {
namespace {

/// Keeps of the two endpoints what identifies the group; see group_key.
group_key key_of(const socket_record& s, direction d) {
  group_key key{.net_namespace = s.net_namespace,
                .state = s.state,
                .direction = d,
                .owner = s.owner,
                .local = s.flow.local,
                .remote = s.flow.remote};
  if (d == direction::inbound) key.remote.port = 0;
  if (d == direction::outbound) key.local.port = 0;
  return key;
}

void drop_ports_that_are_no_service(socket_record& s) {
  for (auto* port : {&s.flow.local.port, &s.flow.remote.port}) {
    if (!tcp::service_of(*port)) *port = 0;
  }
}

/// Two lines that differ only in their numbers say the same thing.
std::string shape_of(std::string_view text) {
  std::string shape;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) shape.push_back(c);
    if (digit && (shape.empty() || shape.back() != '#')) shape.push_back('#');
  }
  return shape;
}

/// Equal for lines that say the same of the same thing.
std::string identity_of(const message& m) {
  const auto endpoint = m.endpoint ? to_string(*m.endpoint) : std::string();
  return fmt::format("{}|{}|{}|{}|{}", static_cast<int>(m.kind), endpoint, m.program, m.to_upstream,
                     shape_of(m.text));
}

}  // namespace

snapshot_builder::snapshot_builder() : snapshot_builder(bounds{}) {}

snapshot_builder::snapshot_builder(bounds b) : bounds_(b) {}

std::uint32_t snapshot_builder::add_namespace(network_namespace ns) {
  built_.namespaces.push_back(std::move(ns));
  ephemeral_.emplace_back();
  return static_cast<std::uint32_t>(built_.namespaces.size() - 1);
}

network_namespace& snapshot_builder::namespace_at(std::uint32_t index) {
  assert(index < built_.namespaces.size());
  return built_.namespaces[index];
}

std::uint32_t snapshot_builder::add_process(process p) {
  built_.processes.push_back(std::move(p));
  return static_cast<std::uint32_t>(built_.processes.size() - 1);
}

process& snapshot_builder::process_at(std::uint32_t index) {
  assert(index < built_.processes.size());
  return built_.processes[index];
}

void snapshot_builder::add_listener(const listener& l) {
  listeners_.add(l.net_namespace, l.local);
  namespace_at(l.net_namespace).states.add(tcp::state::listen, 1);
  add_bound_port(l.net_namespace, l.local.port);
  if (built_.listeners.size() < bounds_.listeners_max) {
    built_.listeners.push_back(l);
  } else {
    ++unlisted_listeners_;
  }
}

void snapshot_builder::add_bound_port(std::uint32_t net_namespace, std::uint16_t port) {
  if (port != 0) namespace_at(net_namespace).bound_ports.insert(port);
}

const snapshot_builder::ephemeral_ports& snapshot_builder::ephemeral_of(
    std::uint32_t net_namespace) {
  auto& kept = ephemeral_[net_namespace];
  if (!kept) {
    const auto& ns = namespace_at(net_namespace);
    kept = ephemeral_ports{.range = ns.ephemeral_range(), .reserved = ns.reserved_ports()};
  }
  return *kept;
}

void snapshot_builder::add(const socket_record& s) {
  if (s.state == tcp::state::listen) {
    listener l{.net_namespace = s.net_namespace,
               .local = s.flow.local,
               .owner = s.owner,
               .inode = s.inode};
    if (s.has_queues) l.accept_queue = s.receive_queue;
    if (s.has_queues) l.backlog = s.send_queue;
    add_listener(l);
    return;
  }
  if (s.state == tcp::state::bound_inactive) {
    namespace_at(s.net_namespace).states.add(s.state, s.count);
    add_bound_port(s.net_namespace, s.flow.local.port);
    return;
  }
  const auto d = direction_of(s, listeners_, ephemeral_of(s.net_namespace).range);
  if (d != direction::unknown) return add(s, d);
  auto without_ports = s;
  drop_ports_that_are_no_service(without_ports);
  add(without_ports, d);
}

void snapshot_builder::add(const socket_record& s, direction d) {
  namespace_at(s.net_namespace).states.add(s.state, s.count);
  auto* group = group_for(s, d);
  if (group == nullptr) {
    built_.dropped += s.count;
    return;
  }
  const auto& ephemeral = ephemeral_of(s.net_namespace);
  const auto port = s.flow.local.port;
  const bool in_range =
      ephemeral.range && ephemeral.range->contains(port) && !ephemeral.reserved.contains(port);
  group->add(s, in_range);
  if (d == direction::outbound) count_source_port(s);
}

socket_group* snapshot_builder::group_for(const socket_record& s, direction d) {
  auto key = key_of(s, d);
  auto found = group_index_.find(key);
  bool folded = false;
  if (found == group_index_.end() && built_.groups.size() >= bounds_.groups_max / 4 * 3) {
    // Nearly full: what is left is kept for groups without the address of the peer.
    key.remote.address = {};
    folded = true;
    folded_ += s.count;
    found = group_index_.find(key);
  }
  if (found != group_index_.end()) return &built_.groups[found->second];
  if (built_.groups.size() >= bounds_.groups_max) return nullptr;
  group_index_.emplace(key, built_.groups.size());
  auto& group = built_.groups.emplace_back();
  group.key = key;
  group.folded = folded;
  return &group;
}

source_address* snapshot_builder::source_for(std::uint32_t net_namespace,
                                             const tcp::address& address) {
  const std::pair key{net_namespace, address};
  const auto found = source_index_.find(key);
  if (found != source_index_.end()) return &built_.sources[found->second];
  if (built_.sources.size() >= bounds_.source_addresses_max) return nullptr;
  source_index_.emplace(key, built_.sources.size());
  return &built_.sources.emplace_back(
      source_address{.net_namespace = net_namespace, .address = address, .ports = {}});
}

void snapshot_builder::count_source_port(const socket_record& s) {
  if (s.flow.local.port == 0) return;
  auto* source = source_for(s.net_namespace, s.flow.local.address);
  if (source == nullptr) return;
  source->connections += s.count;
  source->ports.insert(s.flow.local.port);
}

void snapshot_builder::add_counted_ports(std::uint32_t net_namespace, const tcp::address& address,
                                         std::uint64_t ports) {
  auto* source = source_for(net_namespace, address);
  if (source != nullptr) source->ports_counted = ports;
}

tcp::address snapshot_builder::name(std::string_view text) {
  const auto found = name_index_.find(std::string(text));
  if (found != name_index_.end()) return tcp::address::named(found->second);
  if (built_.names.size() + 1 >= bounds_.names_max) {
    if (!names_full_) built_.names.emplace_back("...");
    names_full_ = true;
    return tcp::address::named(static_cast<std::uint32_t>(built_.names.size() - 1));
  }
  const auto number = static_cast<std::uint32_t>(built_.names.size());
  built_.names.emplace_back(text);
  name_index_.emplace(text, number);
  return tcp::address::named(number);
}

void snapshot_builder::add_message(message m) {
  constexpr std::size_t text_max = 300;
  if (m.text.size() > text_max) m.text.resize(text_max);
  auto identity = identity_of(m);
  const auto same = message_index_.find(identity);
  if (same != message_index_.end()) {
    auto& kept = built_.messages[same->second];
    kept.count += m.count;
    if (m.queued) kept.queued = std::max(m.queued, kept.queued);
  } else if (built_.messages.size() < bounds_.messages_max) {
    message_index_.emplace(std::move(identity), built_.messages.size());
    built_.messages.push_back(std::move(m));
  } else {
    ++unkept_messages_;
  }
}

void snapshot_builder::add_series(count_series s) {
  built_.series.push_back(std::move(s));
}

void snapshot_builder::add_pool(const connection_pool& p) {
  auto& pools = built_.pools;
  const auto known = std::ranges::find_if(pools, [&](const connection_pool& other) {
    return other.program == p.program && other.name == p.name && other.of_workers == p.of_workers;
  });
  if (known != pools.end()) {
    take_worse(*known, p);
  } else if (pools.size() < bounds_.pools_max) {
    pools.push_back(p);
  }
}

void snapshot_builder::add_tracked(const tracked_flows& flows) {
  const bool full = built_.tracked.size() >= bounds_.tracked_max;
  std::tuple key{flows.state, flows.destination, flows.unreplied};
  if (full && !tracked_index_.contains(key)) std::get<tcp::endpoint>(key) = {};
  const auto [known, is_new] = tracked_index_.try_emplace(std::move(key), built_.tracked.size());
  if (is_new) {
    built_.tracked.push_back({.state = flows.state,
                              .destination = std::get<tcp::endpoint>(known->first),
                              .unreplied = flows.unreplied});
  }
  built_.tracked[known->second].count += flows.count;
}

void snapshot_builder::add_limit(limit l) {
  built_.limits.push_back(std::move(l));
}

void snapshot_builder::set_source(source_kind kind, std::string_view detail) {
  built_.source = kind;
  built_.source_detail = detail;
}

snapshot snapshot_builder::finish(std::chrono::system_clock::time_point taken_at) {
  if (built_.namespaces.empty()) add_namespace({});
  if (folded_ > 0) {
    add_limit({.id = "folded-groups",
               .text = fmt::format("{} counted without the peer's address: too many peers",
                                   counted(folded_, "socket")),
               .hint = {}});
  }
  if (built_.dropped > 0) {
    add_limit({.id = "dropped-groups",
               .text = fmt::format("{} counted by state only: more than {} groups",
                                   counted(built_.dropped, "socket"), grouped(bounds_.groups_max)),
               .hint = {}});
  }
  if (unlisted_listeners_ > 0) {
    add_limit({.id = "unlisted-listeners",
               .text = fmt::format("{} over {} not listed one by one",
                                   counted(unlisted_listeners_, "listener"),
                                   grouped(bounds_.listeners_max)),
               .hint = {}});
  }
  if (names_full_) {
    add_limit({.id = "folded-names",
               .text = fmt::format("host names past the first {} are taken as one",
                                   grouped(bounds_.names_max)),
               .hint = {}});
  }
  if (unkept_messages_ > 0) {
    add_limit(
        {.id = "unkept-messages",
         .text = fmt::format("{} not kept: more than {} different ones",
                             counted(unkept_messages_, "log line"), grouped(bounds_.messages_max)),
         .hint = {}});
  }
  built_.taken_at = taken_at;
  // The key breaks ties, so that the same sockets make the same snapshot in any order.
  std::ranges::sort(built_.groups, [](const socket_group& a, const socket_group& b) {
    return a.count != b.count ? a.count > b.count : a.key < b.key;
  });
  std::ranges::sort(built_.tracked, std::ranges::greater{}, &tracked_flows::count);
  std::ranges::sort(built_.sources, [](const source_address& a, const source_address& b) {
    return a.connections != b.connections ? a.connections > b.connections : a.address < b.address;
  });

  auto finished = std::move(built_);
  *this = snapshot_builder(bounds_);
  return finished;
}

}  // namespace waitstate
