#include "waitstate/snapshot/socket_selector.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "selector_keys.h"
#include "waitstate/base/spelling.h"
#include "waitstate/snapshot/container.h"

namespace waitstate {
namespace {

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

const selector_key* key_of(std::string_view name) {
  const auto keys = selector_keys();
  const auto found = std::ranges::find(keys, name, &selector_key::name);
  return found == keys.end() ? nullptr : &*found;
}

failure unknown_key(std::string_view name, std::string_view value) {
  std::vector<std::string> names;
  for (const auto& key : selector_keys()) names.emplace_back(key.name);
  const auto nearest = nearest_word(name, names);
  return refused(fmt::format("there is no '{}:'", name),
                 nearest.empty() ? fmt::format("one of {}:", fmt::join(names, ":, "))
                                 : fmt::format("did you mean {}:{}?", nearest, value));
}

/// The word that somebody meant who typed only its value.
std::string_view key_for(std::string_view value) {
  if (tcp::parse_state(value)) return "state";
  if (tcp::parse_port(value).value_or(0) != 0) return "port";
  if (tcp::parse_endpoint(value) || value.contains('/')) return "peer";
  return "process";
}

/// A key and the colon behind it, or npos: an address has a colon too.
std::size_t end_of_key(std::string_view word) {
  const auto end = word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-");
  return end != word.npos && end > 0 && word[end] == ':' ? end : word.npos;
}

/// As parse_selector() reads it: in quotes where it has a blank or a quote.
std::string quoted(const std::string& value) {
  if (!value.empty() && value.find_first_of(" \t\n\r\v\f\"\\") == value.npos) return value;
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool is_blank(char c) {
  return std::string_view(" \t\n\r\v\f").contains(c);
}

/// Takes the first word off `text`, its quotes resolved.
result<std::string> take_word(std::string_view& text) {
  std::string word;
  bool in_quotes = false;
  while (!text.empty() && (in_quotes || !is_blank(text.front()))) {
    char c = text.front();
    text.remove_prefix(1);
    if (c == '"') {
      in_quotes = !in_quotes;
      continue;
    }
    if (c == '\\' && in_quotes && !text.empty()) {
      c = text.front();
      text.remove_prefix(1);
    }
    word += c;
  }
  if (in_quotes) return refused(fmt::format("'{}' has no closing quote", word), R"(process:"a b")");
  return word;
}

bool is_number(std::string_view text, std::uint64_t number) {
  return text == std::to_string(number);
}

bool is_in_cgroup(std::string_view wanted, std::string_view cgroup) {
  if (cgroup.empty()) return false;
  while (wanted.size() > 1 && wanted.ends_with('/')) wanted.remove_suffix(1);
  if (wanted == "/") return true;
  if (wanted.starts_with('/')) {
    return cgroup.starts_with(wanted) &&
           (cgroup.size() == wanted.size() || cgroup[wanted.size()] == '/');
  }
  while (!cgroup.empty()) {
    const auto slash = std::min(cgroup.find('/'), cgroup.size());
    if (cgroup.substr(0, slash) == wanted) return true;
    cgroup.remove_prefix(std::min(slash + 1, cgroup.size()));
  }
  return false;
}

bool owner_matches(const socket_selector& s, const process* owner) {
  const bool asks = !s.process.empty() || s.runtime || !s.container.empty() || !s.cgroup.empty();
  if (!asks) return true;
  if (owner == nullptr) return false;
  if (!s.process.empty() && s.process != owner->name) {
    const bool has_pid = owner->pid > 0;
    if (!has_pid || !is_number(s.process, static_cast<std::uint64_t>(owner->pid))) return false;
  }
  if (s.runtime && *s.runtime != owner->runtime) return false;
  if (!s.container.empty() && !container_of(owner->cgroup).starts_with(s.container)) return false;
  return s.cgroup.empty() || is_in_cgroup(s.cgroup, owner->cgroup);
}

bool ports_match(const socket_selector& s, std::uint16_t local, std::uint16_t remote) {
  if (s.port && *s.port != local && *s.port != remote) return false;
  if (s.local_port && *s.local_port != local) return false;
  return !s.peer_port || *s.peer_port == remote;
}

bool namespace_matches(const socket_selector& s, const network_namespace* ns) {
  if (s.net_namespace.empty()) return true;
  if (ns == nullptr) return false;
  return s.net_namespace == ns->name || (ns->inode != 0 && is_number(s.net_namespace, ns->inode));
}

/// Everything but what is told of one socket and of a group in different ways.
bool key_matches(const socket_selector& s, tcp::state state, const tcp::flow& flow,
                 const socket_surroundings& around) {
  if (!s.states.empty() && !s.states.contains(state)) return false;
  if (s.direction && *s.direction != around.direction) return false;
  return ports_match(s, flow.local.port, flow.remote.port) &&
         (!s.peer || matches(*s.peer, flow.remote, around.peer_name)) &&
         owner_matches(s, around.owner) && namespace_matches(s, around.net_namespace);
}

/// Of those with one byte in the queue: is it the FIN?
bool has_fin(tcp::state state, os_family system) {
  const bool counts = system == os_family::linux_kernel || system == os_family::unknown;
  return counts && (state == tcp::state::close_wait || state == tcp::state::last_ack ||
                    state == tcp::state::closing);
}

bool unread_matches(const socket_selector& s, const socket_record& r, os_family system) {
  if (!s.unread) return true;
  if (!r.has_queues || r.state == tcp::state::listen) return false;
  const auto fin = has_fin(r.state, system) ? 1U : 0U;
  return (r.receive_queue > fin) == (*s.unread == unread_bytes::some);
}

bool unread_matches(const socket_selector& s, const socket_group& g, os_family system) {
  if (!s.unread) return true;
  const bool fin = has_fin(g.key.state, system);
  if (*s.unread == unread_bytes::none) {
    return g.receive_queue_empty + (fin ? g.receive_queue_one : 0) > 0;
  }
  return g.receive_queue_more + (fin ? 0 : g.receive_queue_one) > 0;
}

socket_surroundings around(const group_key& key, const snapshot& of) {
  const bool has_namespace = key.net_namespace < of.namespaces.size();
  socket_surroundings known{
      .owner = of.owner_of(key.owner),
      .direction = key.direction,
      .net_namespace = has_namespace ? &of.namespaces[key.net_namespace] : nullptr,
      .system = of.host.os};
  const auto& peer = key.remote.address;
  if (peer.what() == tcp::address::kind::named && peer.name() < of.names.size()) {
    known.peer_name = of.names[peer.name()];
  }
  return known;
}

bool key_matches(const socket_selector& s, const group_key& key, const snapshot& of) {
  return key_matches(s, key.state, {.local = key.local, .remote = key.remote}, around(key, of));
}

}  // namespace

std::string_view socket_selector::namespaces_to_list() const {
  // An inode is found where all are looked at.
  const bool is_inode = net_namespace.find_first_not_of("0123456789") == net_namespace.npos;
  return is_inode && !net_namespace.empty() ? std::string_view("all") : net_namespace;
}

result<> select(socket_selector& s, std::string_view key, std::string_view value) {
  const auto* const known = key_of(key);
  if (known == nullptr) return unknown_key(key, value);
  return known->take(s, value);
}

result<> select(socket_selector& s, std::string_view word) {
  const auto colon = end_of_key(word);
  if (colon == word.npos) {
    return refused(fmt::format("'{}' does not say what it is", word),
                   fmt::format("{}:{}?", key_for(word), word));
  }
  const auto key = word.substr(0, colon);
  const auto value = word.substr(colon + 1);
  const auto* const known = key_of(key);
  if (known == nullptr) return unknown_key(key, value);
  auto taken = known->take(s, value);
  if (!taken) return failure(in_step(key, std::move(taken).error()));
  return {};
}

result<socket_selector> parse_selector(std::string_view text) {
  socket_selector s;
  while (true) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    if (text.empty()) return s;
    auto word = take_word(text);
    if (!word) return failure(std::move(word).error());
    if (auto taken = select(s, *word); !taken) return failure(std::move(taken).error());
  }
}

std::string to_text(const socket_selector& s) {
  std::string text;
  for (const auto& key : selector_keys()) {
    const auto value = key.value(s);
    if (value.empty()) continue;
    if (!text.empty()) text += ' ';
    text += fmt::format("{}:{}", key.name, quoted(value));
  }
  return text;
}

bool matches(const socket_selector& s, const socket_record& record,
             const socket_surroundings& around) {
  if (!key_matches(s, record.state, record.flow, around)) return false;
  if (s.older) {
    const auto age = age_of(record);
    if (!age || age->lower_ms < s.older->count()) return false;
  }
  return unread_matches(s, record, around.system);
}

bool matches(const socket_selector& s, const socket_group& group, const snapshot& of) {
  if (!key_matches(s, group.key, of)) return false;
  if (s.older && (group.age.known() == 0 || group.age_max_ms < s.older->count())) return false;
  return unread_matches(s, group, of.host.os);
}

bool matches(const socket_selector& s, const listener& l, const snapshot& of) {
  return !s.older && !s.unread &&
         key_matches(s,
                     {.net_namespace = l.net_namespace,
                      .state = tcp::state::listen,
                      .direction = direction::inbound,
                      .owner = l.owner,
                      .local = l.local},
                     of);
}

}  // namespace waitstate
