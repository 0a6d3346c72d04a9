#pragma once

#include <chrono>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::render {

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

inline diagnosis::finding no_ports_left() {
  return {.id = "ephemeral-port-exhaustion",
          .severity = diagnosis::severity::critical,
          .title = "3 of 28,232 local ports are left for connections to 10.0.0.7:80",
          .subject = {.kind = diagnosis::subject_kind::destination,
                      .text = "10.0.0.7:80",
                      .pid = 812,
                      .process = "nginx"},
          .evidence = {{"free ports to 10.0.0.7:80", "3 of 28,232", "sock_diag"},
                       {"closed by us in the last minute", "28,229 connections, 470 a second",
                        "TIME-WAIT timers"},
                       {"tcp_tw_reuse", "2 (loopback only)", "net.ipv4.tcp_tw_reuse"}},
          .cause =
              "nginx opens a connection for each request and closes it first, so each one "
              "leaves a local port in TIME-WAIT for 60 s.",
          .forecast =
              "470 closes a second x 60 s = 28,200 ports, and the range has 28,232: connect() "
              "fails with EADDRNOTAVAIL at the next peak.",
          .remedies = {
              {"Keep connections to the upstream open",
               "upstream app {\n  server 10.0.0.7:80;\n  keepalive 64;\n}\n",
               "the upstream holds up to 64 idle connections for each worker", ""},
              {"Widen the port range for now",
               "sysctl -w net.ipv4.ip_local_port_range=\"10240 60999\"\n",
               "listeners inside the new range may fail to start",
               "sysctl -w net.ipv4.ip_local_port_range=\"32768 60999\""},
              {"Give the upstream a second address, so that ports are counted twice", "", "", ""}}};
}

inline diagnosis::finding a_leak() {
  return {.id = "leaked-connections",
          .severity = diagnosis::severity::warning,
          .title = "nginx (pid 812) holds 12 connections that [2001:db8::5]:5432 closed",
          .subject = {.kind = diagnosis::subject_kind::process,
                      .text = "nginx (pid 812)",
                      .pid = 812,
                      .process = "nginx"},
          .evidence = {{"CLOSE-WAIT over 60 s old", "12", "sock_diag"}},
          .cause = "The peer closed first and the program did not.",
          .forecast = "",
          .remedies = {{"Close the connection on every path", "", "", ""}}};
}

inline diagnosis::finding server_side() {
  return {.id = "server-side-time-wait",
          .severity = diagnosis::severity::info,
          .title = "1,200 TIME-WAIT belong to the listener 0.0.0.0:443 and block no port",
          .subject = {.kind = diagnosis::subject_kind::listener, .text = "0.0.0.0:443"},
          .evidence = {{"TIME-WAIT on port 443", "1,200", "sock_diag"}},
          .cause = "The server closed first. Each costs about 256 bytes for 60 s.",
          .forecast = "",
          .remedies = {}};
}

inline diagnosis::report report_of(std::vector<diagnosis::finding> findings,
                                   diagnosis::verdict verdict, std::string headline) {
  return {.verdict = verdict,
          .headline = std::move(headline),
          .findings = std::move(findings),
          .limits = busy_proxy().limits};
}

}  // namespace waitstate::render
