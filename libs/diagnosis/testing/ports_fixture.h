#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <vector>

#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/snapshot/snapshot.h"

/// Snapshots for the tests of the rules about ports.
namespace waitstate::diagnosis {

inline tcp::endpoint endpoint_of(const char* address, std::uint16_t port) {
  const auto parsed = tcp::parse_address(address);
  assert(parsed);
  return {.address = parsed.value_or(tcp::address{}), .port = port};
}

/// A live Linux host with one namespace and this ip_local_port_range.
inline snapshot host(const char* range = "32768 60999") {
  snapshot s;
  s.host.os = os_family::linux_kernel;
  s.host.kernel_release = "6.18.44";
  s.source_detail = "sock_diag";
  s.namespaces.emplace_back();
  auto& sysctls = s.namespaces[0].sysctls;
  sysctls["net.ipv4.ip_local_port_range"] = range;
  sysctls["net.ipv4.tcp_tw_reuse"] = "2";
  sysctls["net.ipv4.tcp_timestamps"] = "1";
  return s;
}

/// A paste, of which nothing is known but what the test adds.
inline snapshot paste(os_family os = os_family::unknown) {
  snapshot s;
  s.source = source_kind::pasted;
  s.source_detail = "netstat";
  s.host.os = os;
  s.namespaces.emplace_back();
  return s;
}

/// Connections we opened; their local ports are in the range, of both parities.
inline socket_group outbound(tcp::state state, const char* remote, std::uint16_t port,
                             std::uint64_t count) {
  socket_group group;
  group.key = {.state = state,
               .direction = direction::outbound,
               .local = endpoint_of("10.0.0.5", 0),
               .remote = endpoint_of(remote, port)};
  group.count = count;
  group.local_ports_in_range = count;
  group.odd_local_ports = count / 2;
  group.even_local_ports = count - count / 2;
  return group;
}

/// Connections that a listener of ours on this port took.
inline socket_group inbound(tcp::state state, std::uint16_t port, std::uint64_t count) {
  socket_group group;
  group.key = {.state = state,
               .direction = direction::inbound,
               .local = endpoint_of("10.0.0.5", port),
               .remote = endpoint_of("10.0.9.9", 0)};
  group.count = count;
  return group;
}

/// Counts as "uniq -c" prints them: no address, maybe one port.
inline socket_group counted_only(tcp::state state, std::uint64_t count,
                                 std::uint16_t remote_port = 0) {
  socket_group group;
  group.key.state = state;
  group.key.remote.port = remote_port;
  if (remote_port != 0) group.key.direction = direction::outbound;
  group.count = count;
  return group;
}

/// Adds a process and returns it as an owner.
inline owner_ref add_process(snapshot& s, std::int32_t pid, const char* name,
                             runtime kind = runtime::unknown) {
  s.processes.push_back({.pid = pid, .name = name, .runtime = kind});
  return {.kind = ownership::owned, .process = static_cast<std::uint32_t>(s.processes.size() - 1)};
}

inline std::vector<port_headroom> headrooms_of(const snapshot& s) {
  return headrooms_of(s, port_table(s));
}

inline message said(message_kind kind, const char* text) {
  return {.kind = kind, .text = text};
}

}  // namespace waitstate::diagnosis
