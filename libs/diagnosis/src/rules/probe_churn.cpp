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

constexpr std::size_t findings_max = 3;
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
  f.remedies = {{.text = "Nothing needs doing; to have fewer of them, probe less often or keep the "
                         "connection open",
                 .command = "# Kubernetes probe\n"
                            "periodSeconds: 30\n"
                            "# nginx in front of the health port\n"
                            "keepalive_timeout 75s;\n",
                 .risk = "a failure is seen later",
                 .undo = "the former period"}};
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
  return found;
}

}  // namespace waitstate::diagnosis
