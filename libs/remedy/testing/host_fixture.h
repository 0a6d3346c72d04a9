#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/address.h"

/// Hosts for the tests of what a plan is made from.
namespace waitstate::remedy {

inline tcp::endpoint place(const char* address, std::uint16_t port) {
  return {.address = tcp::parse_address(address).value_or(tcp::address{}), .port = port};
}

/// A live Linux host with one namespace and the kernel's own settings.
class made_host {
 public:
  made_host() {
    s.host.os = os_family::linux_kernel;
    s.host.kernel_release = "6.18.44";
    s.namespaces.emplace_back();
    for (const auto& [key, value] : {std::pair{"net.ipv4.ip_local_port_range", "32768 60999"},
                                     {"net.ipv4.ip_local_reserved_ports", ""},
                                     {"net.ipv4.tcp_tw_reuse", "2"},
                                     {"net.ipv4.tcp_tw_reuse_delay", "1000"},
                                     {"net.ipv4.tcp_timestamps", "1"},
                                     {"net.ipv4.tcp_fin_timeout", "60"},
                                     {"net.ipv4.tcp_max_tw_buckets", "131072"},
                                     {"net.ipv4.tcp_max_syn_backlog", "2048"},
                                     {"net.ipv4.tcp_syncookies", "1"},
                                     {"net.ipv4.tcp_abort_on_overflow", "0"},
                                     {"net.ipv4.tcp_keepalive_time", "7200"},
                                     {"net.ipv4.tcp_keepalive_intvl", "75"},
                                     {"net.ipv4.tcp_keepalive_probes", "9"},
                                     {"net.core.somaxconn", "4096"}}) {
      set(key, value);
    }
  }

  made_host& set(const char* key, const char* value) {
    s.namespaces.front().sysctls[key] = value;
    return *this;
  }
  made_host& without(const char* key) {
    s.namespaces.front().sysctls.erase(key);
    return *this;
  }

  owner_ref program(const char* name, runtime kind = runtime::native) {
    const auto index = static_cast<std::uint32_t>(s.processes.size());
    s.processes.push_back(
        {.pid = static_cast<std::int32_t>(100 + index), .name = name, .runtime = kind});
    return {.kind = ownership::owned, .process = index};
  }

  made_host& listens(owner_ref owner, std::uint16_t port, std::uint64_t backlog = 511) {
    s.listeners.push_back(
        {.local = place("0.0.0.0", port), .owner = owner, .accept_queue = 0, .backlog = backlog});
    s.namespaces.front().bound_ports.insert(port);
    return *this;
  }

  made_host& takes(tcp::state state, std::uint16_t port, std::uint64_t count,
                   owner_ref owner = {.kind = ownership::none}) {
    auto& g = add(state, count, owner);
    g.key.direction = direction::inbound;
    g.key.local = place("10.0.0.5", port);
    g.key.remote = {.address = place("10.1.0.9", 0).address};
    return *this;
  }

  made_host& makes(tcp::state state, const tcp::endpoint& to, std::uint64_t count,
                   owner_ref owner = {.kind = ownership::none}) {
    auto& g = add(state, count, owner);
    g.key.direction = direction::outbound;
    g.key.local = place("10.0.0.5", 0);
    g.key.remote = to;
    g.local_ports_in_range = count;
    g.odd_local_ports = count / 2;
    g.even_local_ports = count - count / 2;
    return *this;
  }

  /// Of the last group: as many closed in each five seconds of the last minute.
  made_host& evenly_closed() {
    auto& g = s.groups.back();
    for (auto& slot : g.closed_in_slot) {
      slot = static_cast<std::uint32_t>(g.count / g.closed_in_slot.size());
    }
    g.age.count[2] = g.count;
    g.age_max_ms = 59'000;
    return *this;
  }

  snapshot s;

 private:
  socket_group& add(tcp::state state, std::uint64_t count, owner_ref owner) {
    auto& g = s.groups.emplace_back();
    g.key.state = state;
    g.key.owner = owner;
    g.count = count;
    s.namespaces.front().states.add(state, count);
    return g;
  }
};

}  // namespace waitstate::remedy
