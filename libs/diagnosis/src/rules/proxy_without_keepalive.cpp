#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "advice/ports.h"
#include "advice/reuse.h"
#include "judgement/destination_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

/// Below about two closes a second nobody needs to hear of them.
constexpr std::uint64_t worth_a_word = 100;

std::optional<severity> severity_of(const destination_use& use) {
  const auto& headroom = use.headroom;
  if (!use.by_proxy) return std::nullopt;
  if (use.failure != nullptr) return severity::critical;
  if (!use.is_churn()) return std::nullopt;
  if (headroom.is_exhausted()) return severity::critical;
  if (use.is_over()) return std::nullopt;
  if (use.is_sample || takes_much_of(headroom)) return severity::warning;
  if (headroom.time_wait >= worth_a_word) return severity::info;
  return std::nullopt;
}

std::string proxy_name(const snapshot& s, const destination_use& use) {
  if (const auto owner = owner_text(s, use.headroom.owner); !owner.empty()) return owner;
  if (is_proxy(use.connects)) return std::string(to_string(use.connects));
  return "the proxy";
}

std::string title_of(const picture& seen, const destination_use& use) {
  const auto& s = seen.s;
  const auto& headroom = use.headroom;
  const auto to = destination_text(s, use);
  const auto waiting = headroom.time_wait > 0 ? headroom.time_wait : seen.unplaced_time_wait;
  const auto who = proxy_name(s, use);
  if (waiting > 0) {
    auto title = fmt::format("{} opens a connection to {} for every request: {} in TIME-WAIT", who,
                             to, grouped(waiting));
    if (headroom.flows > 0 && headroom.is_exhausted()) {
      title += fmt::format(", {} of {} ports left", grouped(headroom.free),
                           grouped(headroom.supply.usable()));
    }
    return title;
  }
  return fmt::format("{} opens a connection to {} for every request and found no free port", who,
                     to);
}

certainty certainty_of(const destination_use& use) {
  if (use.headroom.direction_guessed) return taken_for_client(use);
  if (use.is_sample) return seen_in_a_sample();
  if (use.opener != nullptr) return opener_concluded();
  if (use.is_churn()) return {};
  return likely("as many requests at once as there are ports, each with a connection in use",
                "the states of its connections to the back end: TIME-WAIT, or ESTABLISHED");
}

finding make(const picture& seen, const destination_use& use, severity how_bad) {
  const auto& s = seen.s;
  const auto& headroom = use.headroom;
  finding f{.id = "proxy-without-keepalive", .severity = how_bad, .title = title_of(seen, use)};
  f.certainty = certainty_of(use);
  f.subject = subject_of(s, use);
  if (f.subject.process.empty() && is_proxy(use.connects)) {
    f.subject.process = to_string(use.connects);
  }
  f.evidence = port_evidence(s, use);
  if (const auto others = seen.unplaced_time_wait; others > 0 && headroom.time_wait < others) {
    f.evidence.push_back({"in TIME-WAIT, destination not shown", grouped(others), source_of(s)});
  }
  f.cause =
      "The proxy does not keep its connections to the back end: it opens one for each request "
      "and closes it first, so that the port stays in TIME-WAIT for " +
      time_wait_text(s) + ". All go to one address and port, which has the port range once.";
  f.forecast = port_forecast(headroom);
  f.remedies = keep_upstream_connections({.runtime = use.connects,
                                          .port = headroom.destination.port,
                                          .destination = s.text_of(headroom.destination)});
  if (how_bad > severity::info) {
    std::ranges::move(find_more_ports(seen, headroom.net_namespace, true),
                      std::back_inserter(f.remedies));
  }
  return f;
}

}  // namespace

findings proxy_without_keepalive(const picture& seen) {
  findings found;
  for (const auto& use : seen.uses) {
    if (const auto how_bad = severity_of(use)) found.push_back(make(seen, use, *how_bad));
    if (found.size() == findings_max) break;
  }
  return found;
}

}  // namespace waitstate::diagnosis
