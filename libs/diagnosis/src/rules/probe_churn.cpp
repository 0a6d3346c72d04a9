#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "judgement/destination_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

/// TIME-WAIT of one probe every ten seconds.
constexpr std::uint64_t worth_a_word = 6;
/// Below this rate of TIME-WAIT there is no churn that anything could be most of.
constexpr std::uint64_t churn_that_matters = 1'000;

std::string title_of(const snapshot& s, const port_headroom& headroom) {
  const auto to = destination_text(s, headroom.destination);
  if (headroom.closes_per_second > 0) {
    return fmt::format("probes open {} connections a second to {}: {} in TIME-WAIT",
                       rate(headroom.closes_per_second), to, grouped(headroom.time_wait));
  }
  return fmt::format("probes open a connection each to {}: {} in TIME-WAIT", to,
                     grouped(headroom.time_wait));
}

remedy probe_less_often() {
  return {.text =
              "Nothing needs doing; to have fewer of them, probe less often or keep the "
              "connection open",
          .command =
              "# Kubernetes probe\n"
              "periodSeconds: 30\n"
              "# nginx in front of the health port\n"
              "keepalive_timeout 75s;\n",
          .risk = "a failure is seen later",
          .undo = "the former period"};
}

finding make(const snapshot& s, const destination_use& use, bool is_most) {
  const auto& headroom = use.headroom;
  finding f{.id = "probe-churn",
            .severity = is_most ? severity::warning : severity::info,
            .certainty = likely("a client that opens a connection for each of its few requests",
                                "who connects there: `ss -tnp` while it does"),
            .title = title_of(s, headroom)};
  f.subject = destination_subject(s, headroom.destination, headroom.owner, headroom.net_namespace);
  f.evidence = port_evidence(s, use);
  f.cause =
      "A health check or scraper connects anew each time and closes first. At this rate it "
      "costs a little memory and a few ports of one destination, nothing else.";
  f.remedies = {probe_less_often()};
  return f;
}

/// A listener all of whose connections that are shown are of one client and were closed here.
const socket_group* one_client_of(const snapshot& s) {
  constexpr std::uint64_t rows_min = 5;
  constexpr std::uint64_t rows_max = 120;  // Two a second, over TIME-WAIT's minute.
  if (s.source != source_kind::pasted || s.groups.size() != 1) return nullptr;
  const auto& only = s.groups.front();
  const auto& client = only.key.remote.address;
  const bool is_it = only.key.state == tcp::state::time_wait &&
                     only.key.direction == direction::inbound && only.count >= rows_min &&
                     only.count <= rows_max && client.is_known() && !client.is_loopback();
  return is_it ? &only : nullptr;
}

/// Somebody looked at that port alone. On this side such TIME-WAIT hold no port; the client's may
/// run out, which only its own host shows.
finding probed(const snapshot& s, const socket_group& g) {
  const auto client = s.text_of(g.key.remote.address);
  finding f{
      .id = "probe-churn",
      .severity = severity::warning,
      .certainty = possible("a client that connects for each request",
                            "its own host: how many TIME-WAIT and how many ports it has there"),
      .title = fmt::format("probes open a connection each from {} to port {}: {} in TIME-WAIT, "
                           "none open",
                           client, g.key.local.port, grouped(g.count)),
      .subject = listener_subject(s, g.key.local, {}, g.key.net_namespace)};
  f.evidence = {
      {.fact = fmt::format("in TIME-WAIT with {}", client),
       .value = fmt::format("{}, and no connection of another state or client", grouped(g.count)),
       .source = source_of(s)}};
  f.cause =
      "One client connects anew each time, and this side closes first. A health check or scraper "
      "does "
      "so. Here each costs a little memory for a minute and no port.";
  f.remedies = {probe_less_often()};
  return f;
}

}  // namespace

findings probe_churn(const picture& seen) {
  const auto& s = seen.s;
  std::uint64_t all = 0;
  for (const auto& use : seen.uses) all += use.headroom.time_wait;
  findings found;
  for (const auto& use : seen.uses) {
    if (!use.is_probe || !use.is_churn() || use.headroom.time_wait < worth_a_word) continue;
    const bool is_most = all >= churn_that_matters && use.headroom.time_wait * 2 > all;
    found.push_back(make(s, use, is_most));
    if (found.size() == findings_max) break;
  }
  if (const auto* only = one_client_of(s); only != nullptr) found.push_back(probed(s, *only));
  return found;
}

}  // namespace waitstate::diagnosis
