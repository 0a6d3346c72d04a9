#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/snapshot_builder.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate {

/// 2026-01-05T10:22:07Z.
inline constexpr std::chrono::sys_seconds a_monday{std::chrono::seconds{1'767'608'527}};

inline tcp::endpoint ep(std::string_view text) {
  return *tcp::parse_endpoint(text);
}

/// A web server that runs out of ports towards its upstream.
inline snapshot busy_proxy() {
  snapshot_builder b;
  b.set_source(source_kind::live, "sock_diag");
  b.host() = {.os = os_family::linux_kernel, .name = "web-1", .kernel_release = "6.18.44"};
  const auto ns = b.add_namespace({.inode = 4'026'531'833});
  b.namespace_at(ns).sysctls["net.ipv4.ip_local_port_range"] = "32768\t60999";
  const auto nginx = b.add_process({.pid = 812, .name = "nginx", .runtime = runtime::nginx});
  const owner_ref owner{.kind = ownership::owned, .process = nginx};
  b.add({.flow = {.local = ep("0.0.0.0:443"), .remote = {}},
         .state = tcp::state::listen,
         .owner = owner,
         .receive_queue = 3,
         .send_queue = 511});
  b.add({.flow = {.local = ep("10.0.0.1:40001"), .remote = ep("10.0.0.7:80")},
         .state = tcp::state::time_wait,
         .owner = {.kind = ownership::none},
         .timer = socket_timer::time_wait,
         .timer_ms = 18'000,
         .count = 28'229});
  for (int host = 1; host <= 3; ++host) {
    b.add({.flow = {.local = ep("10.0.0.1:443"),
                    .remote = ep("192.0.2." + std::to_string(host) + ":5000")},
           .state = tcp::state::established,
           .owner = owner,
           .receive_queue = 100,
           .count = 400});
  }
  b.add({.flow = {.local = ep("10.0.0.1:40003"), .remote = ep("[2001:db8::5]:5432")},
         .state = tcp::state::close_wait,
         .owner = owner,
         .receive_queue = 1,
         .send_queue = 2048,
         .last_data_ms = 7'200'000,
         .last_ack_ms = 3'700'000,
         .count = 12});
  b.add_limit(
      {.id = "hidden-owners", .text = "owners of 4 sockets are hidden", .hint = "run as root"});
  return b.finish(a_monday);
}

}  // namespace waitstate
