#pragma once

#include <string>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot_summary.h"

namespace waitstate::view {

/// What a diagnosis of troubled_host() says, in words of its own: a screen is not another one when
/// a rule learns better words.
inline diagnosis::finding few_descriptors_left(std::uint64_t more) {
  const auto open = 912 + more;
  const auto left = 1'024 - open;
  return {.id = "fd-exhaustion",
          .severity = diagnosis::severity::warning,
          .title = fmt::format("java (pid 2204) has {} of 1,024 descriptors ({}) open", open,
                               share(open, 1'024)),
          .subject = {.kind = diagnosis::subject_kind::process,
                      .text = "java (pid 2204)",
                      .pid = 2'204,
                      .process = "java"},
          .evidence = {{"open descriptors", fmt::format("{} of 1,024", open), "/proc"},
                       {"in CLOSE-WAIT", fmt::format("{}", 27 + more), "sock_diag"},
                       {"waiting for accept() on 0.0.0.0:8443", "2", "sock_diag"}},
          .cause =
              "Each socket, file and pipe takes a descriptor; at the limit accept(), socket() "
              "and open() fail with \"Too many open files\".",
          .forecast = fmt::format("{} are left; at 1.5 more a second they are gone in {} s", left,
                                  left * 2 / 3),
          .remedies = {{.text = "Close the connection on every path, errors and time-outs too, and "
                                "read each response to its end",
                        .command = "try (CloseableHttpResponse response = client.execute(request)) "
                                   "{  // its body, too\n"
                                   "  EntityUtils.consume(response.getEntity());\n"
                                   "}\n"},
                       {.text = "Raise the limit once it is clear that the load needs it",
                        .command = "LimitNOFILE=65536\n",
                        .risk = "a leak eats any limit",
                        .undo = "the line is removed, and the service restarted"}}};
}

inline diagnosis::finding few_ports_left() {
  return {.id = "ephemeral-port-exhaustion",
          .severity = diagnosis::severity::warning,
          .title =
              "10,181 ports left to 10.0.0.7:8080: 18,051 of 28,232 in use, 18,048 in "
              "TIME-WAIT and 3 ESTABLISHED",
          .subject = {.kind = diagnosis::subject_kind::destination,
                      .text = "10.0.0.7:8080",
                      .pid = 16'402,
                      .process = "crawler"},
          .evidence = {{"free ports to 10.0.0.7:8080", "10,181 of 28,232", "sock_diag"}},
          .cause = "Each connection to one destination needs a local port of its own.",
          .forecast = "at 493 closes a second the last one goes in 36 s",
          .remedies = {{.text = "Keep the connections and use them again: one session for the "
                                "process"}}};
}

inline diagnosis::finding stale_connections(std::uint64_t more) {
  return {
      .id = "stale-pooled-connections",
      .severity = diagnosis::severity::info,
      .title = fmt::format("java (pid 2204) keeps {} connections to 10.0.0.9:5432 that the peer "
                           "closed after 20 s idle",
                           20 + more),
      .subject = {.kind = diagnosis::subject_kind::process,
                  .text = "java (pid 2204)",
                  .pid = 2'204,
                  .process = "java"},
      .cause = "The pool learns of a close when it lends the connection.",
      .remedies = {{.text = "Let the pool drop idle connections before the peer does"}}};
}

inline diagnosis::report troubled_report(const snapshot& s, std::uint64_t more = 0) {
  auto worst = few_descriptors_left(more);
  auto headline = worst.title;
  return {.about = summary_of(s),
          .verdict = diagnosis::verdict::attention,
          .headline = std::move(headline),
          .findings = {std::move(worst), few_ports_left(), stale_connections(more)},
          .limits = s.limits};
}

inline diagnosis::report healthy_report(const snapshot& s) {
  return {.about = summary_of(s),
          .verdict = diagnosis::verdict::healthy,
          .headline = "nothing wrong with 0 sockets"};
}

}  // namespace waitstate::view
