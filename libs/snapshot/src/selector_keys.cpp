#include "selector_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "waitstate/base/duration.h"
#include "waitstate/base/spelling.h"
#include "waitstate/tcp/service.h"

namespace waitstate {
namespace {

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

failure given_twice(std::string_view value, std::string_view before) {
  return refused(fmt::format("'{}' after '{}'", value, before),
                 "only states add up; the others are given once");
}

std::string upper(std::string_view word) {
  std::string out;
  for (const char c : word) {
    const bool small = c >= 'a' && c <= 'z';
    out += c == '_' ? '-' : small ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::string lower(std::string_view word) {
  std::string out(word);
  for (auto& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string letters_of(std::string_view text) {
  auto letters = lower(text);
  std::erase_if(letters, [](char c) { return c < 'a' || c > 'z'; });
  return letters;
}

/// As to_string() writes it, in any case and without its marks ("nodejs", ".net"), or its first
/// word ("apache", "node").
std::optional<runtime> runtime_meant_by(std::string_view name) {
  const auto wanted = letters_of(name);
  if (wanted.empty()) return std::nullopt;
  for (const auto r : all_runtimes) {
    const auto whole = to_string(r);
    const auto first_word = whole.substr(0, whole.find_first_of(" .", 1));
    if (wanted == letters_of(whole) || wanted == letters_of(first_word)) return r;
  }
  if (wanted == "dotnet") return runtime::dotnet;
  if (wanted == "elixir") return runtime::erlang;
  return std::nullopt;
}

std::string nearest_state(std::string_view word) {
  std::vector<std::string> known;
  known.reserve(tcp::all_states.size());
  for (const auto state : tcp::all_states) known.emplace_back(to_string(state));
  const auto nearest = nearest_word(upper(word), known);
  return nearest.empty() ? "ESTABLISHED, TIME-WAIT, CLOSE-WAIT, FIN-WAIT-2, LISTEN, ..."
                         : fmt::format("did you mean {}?", nearest);
}

result<> take_states(socket_selector& s, std::string_view value) {
  auto rest = value;
  while (true) {
    const auto comma = std::min(rest.find(','), rest.size());
    const auto word = rest.substr(0, comma);
    const auto state = tcp::parse_state(word);
    if (!state) return refused(fmt::format("there is no state '{}'", word), nearest_state(word));
    s.states.insert(*state);
    if (comma == rest.size()) return {};
    rest.remove_prefix(comma + 1);
  }
}

std::string states_value(const socket_selector& s) {
  std::string value;
  for (const auto state : tcp::all_states) {
    if (!s.states.contains(state) || state == tcp::state::new_syn_received) continue;
    if (!value.empty()) value += ',';
    value += lower(to_string(state));
  }
  return value;
}

result<> take_direction(socket_selector& s, std::string_view value) {
  if (s.direction) return given_twice(value, to_string(*s.direction));
  for (const auto d : {direction::outbound, direction::inbound, direction::unknown}) {
    if (lower(value) == to_string(d)) s.direction = d;
  }
  if (s.direction) return {};
  return refused(fmt::format("there is no direction '{}'", value),
                 "outbound (we connected), inbound or unknown");
}

result<> take_peer(socket_selector& s, std::string_view value) {
  if (s.peer) return given_twice(value, to_string(*s.peer));
  auto peer = parse_peer(value);
  if (!peer) return failure(std::move(peer).error());
  s.peer = *std::move(peer);
  return {};
}

result<> take_port(std::optional<std::uint16_t>& into, std::string_view value) {
  if (into) return given_twice(value, fmt::format("{}", *into));
  auto port = tcp::parse_port(value);
  if (!port) port = tcp::port_of_service(value);
  if (port.value_or(0) == 0) {
    return refused(fmt::format("'{}' is not a port", value), "1 to 65535, or a name such as https");
  }
  into = port;
  return {};
}

std::string port_value(const std::optional<std::uint16_t>& port) {
  return port ? fmt::format("{}", *port) : std::string();
}

result<> take_text(std::string& into, std::string_view value, std::string_view hint) {
  if (!into.empty()) return given_twice(value, into);
  if (value.empty()) return refused("'' is no name", std::string(hint));
  into = value;
  return {};
}

result<> take_runtime(socket_selector& s, std::string_view value) {
  if (s.runtime) return given_twice(value, to_string(*s.runtime));
  s.runtime = runtime_meant_by(value);
  if (s.runtime) return {};
  return refused(fmt::format("there is no runtime '{}'", value),
                 "java, python, node, go, php, nginx, ...");
}

result<> take_container(socket_selector& s, std::string_view value) {
  if (!s.container.empty()) return given_twice(value, s.container);
  constexpr std::size_t shortest = 4;  // fewer are the same on many containers
  constexpr std::size_t longest = 64;  // see container_of()
  const auto id = lower(value);
  const bool is_hexadecimal = id.find_first_not_of("0123456789abcdef") == id.npos;
  if (!is_hexadecimal || id.size() < shortest || id.size() > longest) {
    return refused(fmt::format("'{}' is not the id of a container", value),
                   "4 to 64 hexadecimal digits, as 'docker ps' or 'crictl ps' shows them");
  }
  s.container = id;
  return {};
}

result<> take_age(socket_selector& s, std::string_view value) {
  if (s.older) return given_twice(value, duration_word(*s.older));
  auto age = parse_duration(value);
  if (!age) return failure(std::move(age).error());
  s.older = *age;
  return {};
}

result<> take_unread(socket_selector& s, std::string_view value) {
  if (s.unread) return given_twice(value, *s.unread == unread_bytes::none ? "none" : "some");
  if (value == "none") s.unread = unread_bytes::none;
  if (value == "some") s.unread = unread_bytes::some;
  if (s.unread) return {};
  return refused(fmt::format("'{}' is not what can be unread", value),
                 "none (nothing but perhaps the peer's FIN) or some");
}

std::string unread_value(const socket_selector& s) {
  if (!s.unread) return {};
  return *s.unread == unread_bytes::none ? "none" : "some";
}

constexpr std::array keys{
    selector_key{"state", take_states, states_value},
    selector_key{
        "direction", take_direction,
        [](const auto& s) { return std::string(s.direction ? to_string(*s.direction) : ""); }},
    selector_key{"peer", take_peer,
                 [](const auto& s) { return s.peer ? to_string(*s.peer) : std::string(); }},
    selector_key{"port", [](auto& s, auto value) { return take_port(s.port, value); },
                 [](const auto& s) { return port_value(s.port); }},
    selector_key{"local-port", [](auto& s, auto value) { return take_port(s.local_port, value); },
                 [](const auto& s) { return port_value(s.local_port); }},
    selector_key{"peer-port", [](auto& s, auto value) { return take_port(s.peer_port, value); },
                 [](const auto& s) { return port_value(s.peer_port); }},
    selector_key{"process",
                 [](auto& s, auto value) { return take_text(s.process, value, "a name or a pid"); },
                 [](const auto& s) { return s.process; }},
    selector_key{
        "runtime", take_runtime,
        [](const auto& s) { return s.runtime ? lower(to_string(*s.runtime)) : std::string(); }},
    selector_key{"container", take_container, [](const auto& s) { return s.container; }},
    selector_key{"cgroup",
                 [](auto& s, auto value) {
                   return take_text(s.cgroup, value,
                                    "/system.slice/nginx.service, or nginx.service");
                 },
                 [](const auto& s) { return s.cgroup; }},
    selector_key{"ns",
                 [](auto& s, auto value) {
                   return take_text(s.net_namespace, value, "a name of 'ip netns', or an inode");
                 },
                 [](const auto& s) { return s.net_namespace; }},
    selector_key{"older", take_age,
                 [](const auto& s) { return s.older ? duration_word(*s.older) : std::string(); }},
    selector_key{"unread", take_unread, unread_value},
};

}  // namespace

std::span<const selector_key> selector_keys() {
  return keys;
}

}  // namespace waitstate
