#pragma once

#include <string>
#include <utility>
#include <vector>

#include "busy_proxy.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot_summary.h"

namespace waitstate::render {

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
  const auto seen = busy_proxy();
  return {.about = summary_of(seen),
          .verdict = verdict,
          .headline = std::move(headline),
          .findings = std::move(findings),
          .limits = seen.limits};
}

}  // namespace waitstate::render
