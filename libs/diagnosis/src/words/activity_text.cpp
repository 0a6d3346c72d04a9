#include "words/activity_text.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "judgement/most_first.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

std::string pids_text(const std::vector<std::string>& pids) {
  return pids.size() == 1 ? "pid " + pids.front() : "pids " + listed(pids);
}

std::string places_text(const std::vector<thread_place>& places) {
  std::vector<std::string> parts;
  parts.reserve(places.size());
  for (const auto& [place, threads] : places) {
    parts.push_back(
        fmt::format("{} {}", grouped(threads), place.empty() ? "running" : "in " + place));
  }
  return listed(parts);
}

}  // namespace

std::string activity_text(const process& p) {
  const auto state = p.activity == 'R'   ? "running"
                     : p.activity == 'S' ? "asleep"
                     : p.activity == 'D' ? "in an uninterruptible wait"
                     : p.activity == 'T' ? "stopped"
                     : p.activity == 't' ? "stopped by a debugger"
                                         : "in state " + std::string(1, p.activity);
  return p.waits_in.empty() ? state : fmt::format("{} in {}", state, p.waits_in);
}

std::string activities_text(const snapshot& s, const std::vector<owner_ref>& who) {
  std::map<std::string, std::vector<std::string>> pids_by_activity;
  for (const auto& one : who) {
    const auto* p = s.owner_of(one);
    if (p != nullptr && p->activity != 0) {
      pids_by_activity[activity_text(*p)].push_back(std::to_string(p->pid));
    }
  }
  std::vector<std::pair<std::string, std::vector<std::string>>> most(pids_by_activity.begin(),
                                                                     pids_by_activity.end());
  sort_most_first(most, [](const auto& one) { return one.second.size(); });
  std::vector<std::string> parts;
  parts.reserve(most.size());
  for (const auto& [activity, pids] : most) {
    parts.push_back(fmt::format("{} {} ({})", pids.size(), activity, pids_text(pids)));
  }
  return listed(parts);
}

std::vector<evidence> activity_evidence(const snapshot& s, const std::vector<owner_ref>& workers,
                                        const owner_ref& looked_at) {
  std::vector<evidence> proof;
  const auto* p = s.owner_of(looked_at);
  if (workers.size() > 1) {
    const auto activities = activities_text(s, workers);
    if (!activities.empty()) {
      proof.push_back({.fact = fmt::format("its {} processes", workers.size()),
                       .value = activities,
                       .source = "/proc"});
    }
  } else if (p != nullptr && p->activity != 0) {
    proof.push_back({.fact = "its main thread", .value = activity_text(*p), .source = "/proc"});
  }
  if (p != nullptr && p->threads.size() > 1) {
    proof.push_back({.fact = "threads of " + to_string(*p),
                     .value = places_text(p->threads),
                     .source = "/proc"});
  }
  return proof;
}

}  // namespace waitstate::diagnosis
