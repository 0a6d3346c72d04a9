#include "judgement/other_end.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "judgement/most_first.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// What both ends of a connection have in common, but for the client's port.
using shared_key = std::tuple<tcp::address, tcp::address, std::uint16_t>;  // client, server, port

shared_key key_of(const socket_group& g) {
  return g.key.direction == direction::inbound
             ? shared_key{g.key.remote.address, g.key.local.address, g.key.local.port}
             : shared_key{g.key.local.address, g.key.remote.address, g.key.remote.port};
}

bool is_whole(const socket_group& g) {
  const bool has_side = g.key.direction != direction::unknown;
  const auto port = g.key.direction == direction::inbound ? g.key.local.port : g.key.remote.port;
  return has_side && port != 0 && g.key.local.address.is_known() && g.key.remote.address.is_known();
}

bool belongs_to(const one_end& end, const socket_group& g) {
  if (g.key.net_namespace != end.net_namespace || g.key.direction != end.side) return false;
  if (end.side == direction::outbound) return g.key.remote == end.endpoint;
  const auto& address = end.endpoint.address;
  const bool any_address = !address.is_known() || address.is_unspecified();
  return g.key.local.port == end.endpoint.port && (any_address || g.key.local.address == address);
}

using counts_by_owner = std::map<owner_ref, std::uint64_t>;
using counts_by_namespace = std::map<std::uint32_t, counts_by_owner>;

/// The namespace that is meant: its own, or the only one.
const counts_by_namespace::value_type* meant(const counts_by_namespace& found, std::uint32_t own) {
  const auto here = found.find(own);
  if (here != found.end()) return &*here;
  return found.size() == 1 ? &*found.begin() : nullptr;
}

std::vector<other_end> connected_ends(const snapshot& s, const one_end& end) {
  std::set<shared_key> ours;
  for (const auto& g : s.groups) {
    if (is_whole(g) && belongs_to(end, g)) ours.insert(key_of(g));
  }
  std::map<shared_key, counts_by_namespace> theirs;
  for (const auto& g : s.groups) {
    if (!is_whole(g) || g.key.direction == end.side) continue;
    const auto key = key_of(g);
    if (ours.contains(key)) theirs[key][g.key.net_namespace][g.key.owner] += g.count;
  }
  std::map<std::pair<std::uint32_t, owner_ref>, std::uint64_t> together;
  for (const auto& [key, found] : theirs) {
    const auto* there = meant(found, end.net_namespace);
    if (there == nullptr) continue;
    for (const auto& [owner, count] : there->second) together[{there->first, owner}] += count;
  }
  std::vector<other_end> ends;
  ends.reserve(together.size());
  for (const auto& [key, count] : together) {
    ends.push_back({.net_namespace = key.first, .owner = key.second, .sockets = count});
  }
  sort_most_first(ends, [&](const other_end& e) {
    return std::pair(s.owner_of(e.owner) != nullptr, e.sockets);
  });
  return ends;
}

bool has_address(const snapshot& s, std::uint32_t net_namespace, const tcp::address& address) {
  return std::ranges::any_of(s.groups, [&](const socket_group& g) {
    return g.key.net_namespace == net_namespace && g.key.local.address == address;
  });
}

/// Nothing is connected yet, or no more: then the listener, in the only namespace that has one.
std::optional<other_end> listening_end(const snapshot& s, const one_end& end) {
  if (end.side != direction::outbound || !end.endpoint.address.is_known()) return std::nullopt;
  counts_by_namespace found;
  for (const auto& l : s.listeners) {
    const bool is_own = l.net_namespace == end.net_namespace;
    const auto& wanted = end.endpoint.address;
    if (l.local.port != end.endpoint.port || (wanted.is_loopback() && !is_own)) continue;
    const bool takes_it =
        l.local.address == wanted ||
        (l.local.address.is_unspecified() &&
         ((wanted.is_loopback() && is_own) || has_address(s, l.net_namespace, wanted)));
    if (takes_it) found[l.net_namespace][l.owner] = 0;
  }
  const auto* there = meant(found, end.net_namespace);
  if (there == nullptr) return std::nullopt;
  return other_end{.net_namespace = there->first, .owner = there->second.begin()->first};
}

std::string text_of(const snapshot& s, const one_end& end, const other_end& other) {
  auto owner = owner_text(s, other.owner);
  if (other.net_namespace == end.net_namespace) return owner;
  const auto where = "in " + namespace_text(s, other.net_namespace);
  return owner.empty() ? where : owner + ", " + where;
}

}  // namespace

std::vector<other_end> other_ends_of(const snapshot& s, const one_end& end) {
  if (s.source == source_kind::pasted || end.endpoint.port == 0) return {};
  auto ends = connected_ends(s, end);
  const bool is_held = !ends.empty() && s.owner_of(ends.front().owner) != nullptr;
  if (is_held) return ends;
  const auto listening = listening_end(s, end);
  return listening ? std::vector{*listening} : ends;
}

void add_other_end(const snapshot& s, const one_end& end, std::vector<evidence>& proof) {
  constexpr std::size_t most = 3;
  std::vector<std::string> texts;
  for (const auto& other : other_ends_of(s, end)) {
    if (texts.size() == most) break;
    auto text = text_of(s, end, other);
    if (!text.empty() && std::ranges::find(texts, text) == texts.end()) {
      texts.push_back(std::move(text));
    }
  }
  if (texts.empty()) return;
  const auto second = proof.begin() + static_cast<std::ptrdiff_t>(proof.empty() ? 0 : 1);
  proof.insert(
      second,
      {.fact = "the other end, on this host", .value = listed(texts), .source = source_of(s)});
}

}  // namespace waitstate::diagnosis
