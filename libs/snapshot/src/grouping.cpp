#include "waitstate/snapshot/grouping.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "waitstate/snapshot/container.h"

namespace waitstate {
namespace {

using column = group_column;

struct column_name {
  column value;
  std::string_view name;
};

constexpr std::array names{column_name{column::net_namespace, "namespace"},
                           column_name{column::state, "state"},
                           column_name{column::peer, "peer"},
                           column_name{column::owner, "owner"},
                           column_name{column::listener, "listener"},
                           column_name{column::container, "container"}};

bool has(const std::vector<column>& by, column c) {
  return std::ranges::find(by, c) != by.end();
}

/// A listener as a group of one, so that it is counted like the others.
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

/// Finds the listener that takes connections to a local endpoint, as the listener itself says it.
class listeners_by_port {
 public:
  explicit listeners_by_port(const snapshot& s) {
    for (const auto& l : s.listeners) at_[{l.net_namespace, l.local.port}].push_back(&l);
  }

  [[nodiscard]] tcp::endpoint of(const group_key& key) const {
    const auto found = at_.find({key.net_namespace, key.local.port});
    if (found == at_.end()) return key.local;
    for (const auto* l : found->second) {
      const auto& address = l->local.address;
      const bool any = !address.is_known() || address.is_unspecified();
      if (any || address == key.local.address) return l->local;
    }
    return key.local;
  }

 private:
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::vector<const listener*>> at_;
};

std::string owner_text(const snapshot& s, const owner_ref& owner) {
  if (const auto* p = s.owner_of(owner)) return to_string(*p);
  if (owner.kind == ownership::none) return "nobody";
  if (owner.kind == ownership::hidden) return "hidden";
  return {};
}

std::string home_text(const snapshot& s, const owner_ref& owner) {
  const auto* p = s.owner_of(owner);
  return p == nullptr ? owner_text(s, owner) : home_of(*p);
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
  grouping(const snapshot& s, const std::vector<column>& by)
      : snapshot_(s), listeners_(s), default_(by.empty()), by_(by) {
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
  [[nodiscard]] group_key key_of(const group_key& whole) {
    group_key key;
    const bool inbound = whole.direction == direction::inbound;
    if (has(by_, column::net_namespace)) key.net_namespace = whole.net_namespace;
    if (has(by_, column::state)) key.state = whole.state;
    if (has(by_, column::owner)) {
      key.owner = whole.owner;
    } else if (has(by_, column::container)) {
      key.owner = first_at_home(whole.owner);
    }
    if (has(by_, column::listener)) {
      key.direction = whole.direction;
      if (inbound) key.local = default_ ? whole.local : listeners_.of(whole);
      if (default_ && whole.direction == direction::unknown) key.local = whole.local;
    }
    if (has(by_, column::peer) && !(default_ && inbound)) key.remote = whole.remote;
    return key;
  }

  /// The same one for all owners that run in the same place.
  [[nodiscard]] owner_ref first_at_home(const owner_ref& owner) {
    const auto* p = snapshot_.owner_of(owner);
    if (p == nullptr) return owner;
    return homes_.try_emplace(home_of(*p), owner).first->second;
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
    if (has(by_, column::container)) row.container = home_text(snapshot_, key.owner);
    if (!has(by_, column::owner)) return;
    row.owner = owner_text(snapshot_, key.owner);
    row.owner_process = snapshot_.owner_of(key.owner);
  }

  const snapshot& snapshot_;
  listeners_by_port listeners_;
  bool default_;
  std::vector<column> by_;
  std::map<group_key, entry> rows_;
  std::map<std::string, owner_ref> homes_;
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

group_table group_sockets(const snapshot& s, const std::vector<group_column>& by,
                          const socket_selector& selected) {
  grouping rows(s, by);
  for (const auto& g : s.groups) {
    if (matches(selected, g, s)) rows.add(g);
  }
  for (const auto& l : s.listeners) {
    if (matches(selected, l, s)) rows.add(l);
  }
  auto table = rows.finish();
  table.total = s.states().total();
  return table;
}

}  // namespace waitstate
