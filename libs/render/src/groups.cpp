#include "waitstate/render/groups.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace waitstate::render {
namespace {

using column = group_column;

struct column_name {
  column value;
  std::string_view name;
};

constexpr std::array names{column_name{column::net_namespace, "namespace"},
                           column_name{column::state, "state"}, column_name{column::peer, "peer"},
                           column_name{column::owner, "owner"},
                           column_name{column::listener, "listener"}};

bool has(const std::vector<column>& by, column c) {
  return std::ranges::find(by, c) != by.end();
}

/// A listener as a group of one, so that it can be filtered and counted like the others.
socket_group group_of(const listener& l) {
  socket_group group;
  group.key = {.net_namespace = l.net_namespace,
               .state = tcp::state::listen,
               .direction = direction::inbound,
               .owner = l.owner,
               .local = l.local};
  group.count = 1;
  return group;
}

class filter {
 public:
  filter(const snapshot& s, const group_options& options) : snapshot_(s), options_(options) {}

  [[nodiscard]] bool passes(const socket_group& g) const {
    return state_passes(g) && peer_passes(g) && port_passes(g) && process_passes(g) &&
           age_passes(g);
  }

 private:
  [[nodiscard]] bool state_passes(const socket_group& g) const {
    const auto& states = options_.states;
    return states.empty() || std::ranges::find(states, g.key.state) != states.end();
  }

  [[nodiscard]] bool peer_passes(const socket_group& g) const {
    if (options_.peer.empty()) return true;
    if (const auto wanted = tcp::parse_endpoint(options_.peer)) {
      const bool address = !wanted->address.is_known() || wanted->address == g.key.remote.address;
      return address && (wanted->port == 0 || wanted->port == g.key.remote.port);
    }
    return options_.peer == snapshot_.text_of(g.key.remote.address) ||
           options_.peer == snapshot_.text_of(g.key.remote);
  }

  [[nodiscard]] bool port_passes(const socket_group& g) const {
    return !options_.port || g.key.local.port == *options_.port ||
           g.key.remote.port == *options_.port;
  }

  [[nodiscard]] bool process_passes(const socket_group& g) const {
    if (options_.process.empty()) return true;
    const auto* owner = snapshot_.owner_of(g.key.owner);
    if (owner == nullptr) return false;
    return owner->name == options_.process || fmt::format("{}", owner->pid) == options_.process;
  }

  [[nodiscard]] bool age_passes(const socket_group& g) const {
    if (!options_.older_than) return true;
    return g.age.known() > 0 && g.age_max_ms >= options_.older_than->count();
  }

  const snapshot& snapshot_;
  const group_options& options_;
};

/// The listener that takes connections to a local endpoint, as the listener itself says it.
tcp::endpoint listener_of(const snapshot& s, const group_key& key) {
  for (const auto& l : s.listeners) {
    const bool same = l.net_namespace == key.net_namespace && l.local.port == key.local.port;
    if (same && (l.local.address == key.local.address || !l.local.address.is_known() ||
                 l.local.address.is_unspecified())) {
      return l.local;
    }
  }
  return key.local;
}

std::string owner_text(const snapshot& s, const owner_ref& owner) {
  if (const auto* p = s.owner_of(owner)) return to_string(*p);
  if (owner.kind == ownership::none) return "nobody";
  if (owner.kind == ownership::hidden) return "hidden";
  return {};
}

/// "10.0.0.7:80", or the address alone where the port is any.
std::string endpoint_text(const snapshot& s, const tcp::endpoint& e) {
  if (e == tcp::endpoint{}) return {};
  if (e.port == 0 && e.address.is_known()) return s.text_of(e.address);
  return s.text_of(e);
}

std::string namespace_text(const snapshot& s, std::uint32_t index) {
  if (index >= s.namespaces.size()) return {};
  const auto& ns = s.namespaces[index];
  if (!ns.name.empty()) return ns.name;
  return ns.inode == 0 ? std::string() : fmt::format("net:[{}]", ns.inode);
}

/// Puts groups together by a key that keeps only the columns asked for.
class grouping {
 public:
  grouping(const snapshot& s, const group_options& options)
      : snapshot_(s), default_(options.by.empty()), by_(options.by) {
    if (default_) by_ = {column::state, column::listener, column::peer, column::owner};
    if (default_ && s.namespaces.size() > 1) by_.insert(by_.begin(), column::net_namespace);
  }

  void add(const socket_group& g) {
    auto& [row, peers] = entry_of(g);
    row.group.merge(g);
    row.states.add(g.key.state, g.count);
    if (g.key.remote.address.is_known()) peers.insert({g.key.net_namespace, g.key.remote.address});
  }

  void add(const listener& l) {
    const auto group = group_of(l);
    add(group);
    auto& row = entry_of(group).row;
    if (l.accept_queue) row.accept_queue = row.accept_queue.value_or(0) + *l.accept_queue;
    if (l.backlog) row.backlog = row.backlog.value_or(0) + *l.backlog;
  }

  [[nodiscard]] group_table finish() {
    group_table table;
    table.by = by_;
    for (auto& [key, entry] : rows_) {
      auto& [row, peers] = entry;
      row.peers = peers.size();
      table.matched += row.group.count;
      table.rows.push_back(std::move(row));
    }
    std::ranges::sort(table.rows, [](const group_row& a, const group_row& b) {
      if (a.group.count != b.group.count) return a.group.count > b.group.count;
      return a.group.key < b.group.key;
    });
    return table;
  }

 private:
  [[nodiscard]] group_key key_of(const group_key& whole) const {
    group_key key;
    const bool inbound = whole.direction == direction::inbound;
    if (has(by_, column::net_namespace)) key.net_namespace = whole.net_namespace;
    if (has(by_, column::state)) key.state = whole.state;
    if (has(by_, column::owner)) key.owner = whole.owner;
    if (has(by_, column::listener)) {
      key.direction = whole.direction;
      if (inbound) key.local = default_ ? whole.local : listener_of(snapshot_, whole);
      if (default_ && whole.direction == direction::unknown) key.local = whole.local;
    }
    if (has(by_, column::peer) && !(default_ && inbound)) key.remote = whole.remote;
    return key;
  }

  struct entry {
    group_row row;
    std::set<std::pair<std::uint32_t, tcp::address>> peers;
  };

  [[nodiscard]] entry& entry_of(const socket_group& g) {
    const auto key = key_of(g.key);
    const auto [found, is_new] = rows_.try_emplace(key);
    auto& row = found->second.row;
    if (is_new) {
      row.direction = g.key.direction;
      name(row, key);
    }
    if (row.direction != g.key.direction) row.direction.reset();
    return found->second;
  }

  void name(group_row& row, const group_key& key) const {
    row.group.key = key;
    if (has(by_, column::net_namespace))
      row.net_namespace = namespace_text(snapshot_, key.net_namespace);
    if (has(by_, column::listener)) row.local = endpoint_text(snapshot_, key.local);
    if (has(by_, column::peer)) row.peer = endpoint_text(snapshot_, key.remote);
    if (!has(by_, column::owner)) return;
    row.owner = owner_text(snapshot_, key.owner);
    row.owner_process = snapshot_.owner_of(key.owner);
  }

  const snapshot& snapshot_;
  bool default_;
  std::vector<column> by_;
  std::map<group_key, entry> rows_;
};

}  // namespace

std::string_view to_string(group_column c) {
  const auto* const found = std::ranges::find(names, c, &column_name::value);
  return found->name;
}

std::optional<group_column> parse_group_column(std::string_view name) {
  const auto* const found = std::ranges::find(names, name, &column_name::name);
  if (found == names.end()) return std::nullopt;
  return found->value;
}

group_table group_sockets(const snapshot& s, const group_options& options) {
  const filter wanted(s, options);
  grouping rows(s, options);
  for (const auto& g : s.groups) {
    if (wanted.passes(g)) rows.add(g);
  }
  for (const auto& l : s.listeners) {
    if (wanted.passes(group_of(l))) rows.add(l);
  }
  auto table = rows.finish();
  table.total = s.states().total();
  return table;
}

}  // namespace waitstate::render
