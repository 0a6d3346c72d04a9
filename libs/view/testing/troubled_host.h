#pragma once

#include <cstdint>
#include <string>

#include "busy_proxy.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::view {

/// A host with most of what the screen shows: a crawler that runs out of ports, a pool of
/// connections that its server closed, a server that leaks, clients of its own. `more` is how many
/// more there are of what grows, for a later look.
inline snapshot troubled_host(std::uint64_t more = 0) {
  snapshot_builder b;
  b.set_source(source_kind::live, "sock_diag");
  b.host() = {.os = os_family::linux_kernel, .name = "web-1", .kernel_release = "6.18.44"};
  const auto ns = b.add_namespace({.inode = 4'026'531'833});
  b.namespace_at(ns).sysctls["net.ipv4.ip_local_port_range"] = "32768\t60999";
  b.namespace_at(ns).sysctls["net.ipv4.tcp_tw_reuse"] = "0";
  b.namespace_at(ns).counter_rates = {
      {"Tcp.ActiveOpens", 184}, {"Tcp.PassiveOpens", 12.5}, {"Tcp.EstabResets", 0.4}};
  const auto owned = [&](process p) {
    return owner_ref{.kind = ownership::owned, .process = b.add_process(std::move(p))};
  };
  const auto nginx = owned(
      {.pid = 812, .name = "nginx", .runtime = runtime::nginx, .fd_count = 431, .fd_limit = 1'024});
  const auto java = owned({.pid = 2'204,
                           .name = "java",
                           .runtime = runtime::java,
                           .fd_count = 912 + more,
                           .fd_limit = 1'024,
                           .fd_growth_per_second = 1.5});
  const auto crawler = owned({.pid = 16'402,
                              .name = "crawler",
                              .runtime = runtime::python,
                              .fd_count = 24,
                              .fd_limit = 1'048'576});
  b.add({.flow = {.local = ep("0.0.0.0:443"), .remote = {}},
         .state = tcp::state::listen,
         .owner = nginx,
         .send_queue = 511});
  b.add({.flow = {.local = ep("0.0.0.0:8443"), .remote = {}},
         .state = tcp::state::listen,
         .owner = java,
         .receive_queue = 2,
         .send_queue = 100});
  std::uint16_t port = 32'768;
  // Closed over the last minute, more and more of them.
  for (std::uint32_t slot = 0; slot < 12; ++slot) {
    for (std::uint32_t i = 0; i < 320 - slot * 24; ++i, port += 2) {
      b.add({.flow = {.local = {.address = ep("10.0.0.1:0").address, .port = port},
                      .remote = ep("10.0.0.7:8080")},
             .state = tcp::state::time_wait,
             .owner = crawler,
             .timer = socket_timer::time_wait,
             .timer_ms = 60'000 - slot * 5'000 - 1'000,
             .count = 8});
    }
  }
  const auto outbound = [&](const char* to, tcp::state state, const owner_ref& owner,
                            std::uint64_t count) {
    b.add(
        {.flow = {.local = {.address = ep("10.0.0.1:0").address, .port = ++port}, .remote = ep(to)},
         .state = state,
         .owner = owner,
         .receive_queue = state == tcp::state::close_wait ? 1U : 0U,
         .last_data_ms = 3'720'000,
         .last_ack_ms = 3'700'000,
         .count = count});
  };
  outbound("10.0.0.7:8080", tcp::state::established, crawler, 3);
  outbound("10.0.0.9:5432", tcp::state::close_wait, java, 20 + more);
  outbound("10.0.0.9:5432", tcp::state::established, java, 4);
  outbound("10.0.0.12:6379", tcp::state::established, nginx, 16);
  for (int host = 1; host <= 3; ++host) {
    b.add({.flow = {.local = ep("10.0.0.1:443"),
                    .remote = ep("192.0.2." + std::to_string(host) + ":5000")},
           .state = tcp::state::established,
           .owner = nginx,
           .count = 130});
  }
  b.add({.flow = {.local = ep("10.0.0.1:8443"), .remote = ep("192.0.2.9:4711")},
         .state = tcp::state::close_wait,
         .owner = java,
         .receive_queue = 518,
         .last_data_ms = 190'000,
         .last_ack_ms = 185'000,
         .count = 7});
  b.add({.flow = {.local = ep("10.0.0.1:443"), .remote = ep("192.0.2.77:4711")},
         .state = tcp::state::fin_wait_2,
         .owner = {.kind = ownership::none},
         .timer = socket_timer::time_wait,
         .timer_ms = 42'000,
         .count = 2});
  b.add_limit(
      {.id = "hidden-owners", .text = "owners of 4 sockets are hidden", .hint = "run as root"});
  return b.finish(a_monday);
}

}  // namespace waitstate::view
