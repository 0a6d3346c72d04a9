#include "waitstate/diagnosis/diagnose_hosts.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "catalogue.h"
#include "precedence.h"
#include "waitstate/base/text.h"
#include "waitstate/diagnosis/diagnose.h"
#include "words/far_end_text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// Which of two verdicts is that of both: what is wrong before what could not be told.
int weight(verdict v) {
  switch (v) {
    case verdict::healthy: return 0;
    case verdict::unknown: return 1;
    case verdict::attention: return 2;
    case verdict::critical: return 3;
  }
  return 0;
}

/// What a program that does not close, read or accept is found as.
constexpr std::array<std::string_view, 5> faults{"leaked-connections", "stale-pooled-connections",
                                                 "server-not-closing", "accept-queue-stuck",
                                                 "application-stalled"};

bool tells_the_fault(const report& r) {
  return std::ranges::any_of(r.findings, [](const finding& f) {
    return f.severity != severity::info && std::ranges::find(faults, f.id) != faults.end();
  });
}

struct host_report {
  const snapshot& seen;
  report told;
};

/// Says at each finding of a host what is at the other end, and whose fault it is.
void add_far_ends(host_report& of, const std::vector<host_report>& all) {
  constexpr std::size_t shown = 2;
  for (auto& f : of.told.findings) {
    const auto fars = far_ends_of(of.seen, f);
    for (std::size_t i = 0; i < std::min(shown, fars.size()); ++i) {
      f.evidence.push_back(far_end_evidence(fars[i]));
    }
    if (fars.empty()) continue;
    const auto& most = fars.front();
    if (auto blame = blame_of(most); !blame.empty()) f.cause = blame + " " + f.cause;
    if (!is_fault_of_far_end(most)) continue;
    f.certainty = {};
    const auto other = std::ranges::find_if(
        all, [&](const host_report& h) { return h.seen.host.name == most.host; });
    const bool is_told_there = other != all.end() && tells_the_fault(other->told);
    if (is_told_there) f.severity = severity::info;
  }
}

void name_host(host_report& of) {
  const auto& name = of.seen.host.name;
  for (auto& f : of.told.findings) f.subject.host = name;
  for (auto& l : of.told.limits) l.text = fmt::format("on {}: {}", name, l.text);
}

snapshot_summary summary_of_all(const std::vector<host_report>& all) {
  auto made = all.front().told.about;
  std::vector<std::string> names{made.host.name};
  names.reserve(all.size());
  for (std::size_t i = 1; i < all.size(); ++i) {
    const auto& more = all[i].told.about;
    names.push_back(more.host.name);
    made.states.add_all(more.states);
    made.namespaces += more.namespaces;
    if (more.host.os != made.host.os) made.host.os = os_family::unknown;
    if (more.source_detail != made.source_detail) made.source_detail += ", " + more.source_detail;
  }
  // What is of one of them would read as if it were of all.
  made.host = {.os = made.host.os, .name = listed(names)};
  return made;
}

verdict verdict_of(const std::vector<host_report>& all, const std::vector<finding>& found) {
  if (!found.empty() && found.front().severity == severity::critical) return verdict::critical;
  if (!found.empty() && found.front().severity == severity::warning) return verdict::attention;
  const bool is_unknown = std::ranges::any_of(
      all, [](const host_report& h) { return h.told.verdict == verdict::unknown; });
  return is_unknown ? verdict::unknown : verdict::healthy;
}

std::string headline_of(const std::vector<host_report>& all, verdict v,
                        const std::vector<finding>& found) {
  if (v == verdict::attention || v == verdict::critical) return stated(found.front());
  const auto worst = std::ranges::max_element(
      all, {}, [](const host_report& h) { return weight(h.told.verdict); });
  if (v == verdict::unknown) {
    return fmt::format("on {}: {}", worst->seen.host.name, worst->told.headline);
  }
  return fmt::format("nothing wrong on {}", counted(all.size(), "host"));
}

}  // namespace

report diagnose_hosts(std::span<const snapshot> hosts) {
  assert(!hosts.empty());
  if (hosts.size() == 1) return diagnose(hosts.front());
  std::vector<host_report> all;
  all.reserve(hosts.size());
  for (const auto& s : hosts) all.push_back({.seen = s, .told = diagnose(s)});
  for (auto& h : all) add_far_ends(h, all);
  for (auto& h : all) name_host(h);

  report made{.about = summary_of_all(all)};
  std::vector<finding> found;
  for (auto& h : all) {
    std::ranges::move(h.told.findings, std::back_inserter(found));
    std::ranges::move(h.told.limits, std::back_inserter(made.limits));
  }
  made.findings = in_order(std::move(found));
  made.verdict = verdict_of(all, made.findings);
  made.headline = headline_of(all, made.verdict, made.findings);
  return made;
}

}  // namespace waitstate::diagnosis
