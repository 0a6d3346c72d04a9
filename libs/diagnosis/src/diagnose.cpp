#include "waitstate/diagnosis/diagnose.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "advice/system.h"
#include "catalogue.h"
#include "judgement/accept_queue.h"
#include "judgement/destination_use.h"
#include "judgement/open_questions.h"
#include "judgement/what_is_shown.h"
#include "picture.h"
#include "precedence.h"
#include "waitstate/base/text.h"
#include "words/captured_text.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

/// Is there anything to judge? Names of processes alone, or a host's name, are not.
bool holds_something(const snapshot& s) {
  if (shows_the_host(s)) return true;
  const bool settings = std::ranges::any_of(
      s.namespaces, [](const network_namespace& ns) { return !ns.sysctls.empty(); });
  return settings || !s.host.sysctls.empty();
}

verdict verdict_of(const snapshot& s, const findings& found,
                   const std::vector<open_question>& questions) {
  if (!found.empty() && found.front().severity == severity::critical) return verdict::critical;
  if (!found.empty() && found.front().severity == severity::warning) return verdict::attention;
  return questions.empty() && holds_something(s) ? verdict::healthy : verdict::unknown;
}

bool has_limit(const std::vector<limit>& limits, std::string_view id) {
  return std::ranges::find(limits, id, &limit::id) != limits.end();
}

/// What a live look came to: a reader wants to know what was looked at.
std::string checked_sentence(const snapshot& s, const findings& found) {
  const bool saw_descriptors =
      std::ranges::any_of(s.processes, [](const process& p) { return p.fd_count && p.fd_limit; });
  const auto checked = fmt::format(
      "nothing wrong with {}: ports, accept queues, CLOSE-WAIT, unread and unacknowledged data{}",
      counted(s.states().total(), "socket"),
      !saw_descriptors                       ? ""
      : has_limit(s.limits, "hidden-owners") ? ", the descriptors that may be seen"
                                             : ", descriptors");
  return found.empty() ? checked : checked + "; worth knowing: " + stated(found.front());
}

/// What one takes: tw_sock_TCP in /proc/slabinfo.
constexpr std::uint64_t time_wait_bytes = 256;

/// Why a healthy host's TIME-WAIT is fine, which is what people ask.
std::string calm_sentence(const picture& seen, const findings& found) {
  const auto& s = seen.s;
  const auto server_side = std::ranges::find(found, "server-side-time-wait", &finding::id);
  if (server_side != found.end()) return stated(*server_side);
  const auto waiting = seen.time_wait;
  if (waiting == 0 && s.source == source_kind::live) return checked_sentence(s, found);
  // Where connections were not shown, or a part of them, none in TIME-WAIT means nothing.
  if (waiting == 0 && shows_whole_table(s)) {
    return "nothing wrong: no socket waits in TIME-WAIT";
  }
  if (waiting == 0) return "nothing wrong in what was read";
  const auto& headrooms = seen.headrooms;
  const auto cost = bytes(waiting * time_wait_bytes);
  if (headrooms.empty()) {
    return fmt::format("{} in TIME-WAIT {} normal: about {} of memory, gone after a minute",
                       counted(waiting, "socket"), waiting == 1 ? "is" : "are", cost);
  }
  return fmt::format(
      "{} in TIME-WAIT {} normal: about {} of memory, and {} of {} ports are free to "
      "the busiest destination ({})",
      counted(waiting, "socket"), waiting == 1 ? "is" : "are", cost, grouped(headrooms[0].free),
      grouped(headrooms[0].supply.usable()), destination_text(s, headrooms[0].destination));
}

std::string headline_of(const picture& seen, verdict v, const findings& found,
                        const std::vector<open_question>& questions) {
  switch (v) {
    case verdict::unknown:
      return questions.empty() ? "nothing to judge" : "could not tell: " + questions.front().text;
    case verdict::healthy: return calm_sentence(seen, found);
    case verdict::attention:
    case verdict::critical: break;
  }
  return stated(found.front());
}

/// Ports of connected sockets that bind() chose are taken for every destination, but the kernel
/// does not tell them from others: free ports may be fewer than counted.
void add_bound_ports(const picture& seen, const findings& found, std::vector<limit>& limits) {
  if (std::ranges::find(found, "bind-before-connect", &finding::id) == found.end()) return;
  std::map<std::uint32_t, tcp::port_set> in_use;
  for (const auto& source : seen.s.sources) in_use[source.net_namespace].insert_all(source.ports);
  std::uint64_t bound = 0;
  for (const auto& [ns, ports] : in_use) {
    const auto range = seen.ports.supply(ns).range;
    bound += ports.count_in(range, 1 - range.low % 2U);
  }
  if (bound == 0) return;
  limits.push_back({.id = "bound-ports-not-told-apart",
                    .text = fmt::format("up to {} more may be bound by sockets that are connected, "
                                        "and so be free for no destination",
                                        counted(bound, "port")),
                    .hint = {}});
}

/// What the rules lacked, beyond what the source says by itself.
void add_limits(const picture& seen, std::vector<limit>& limits) {
  const auto& s = seen.s;
  const auto& system = advice_for(system_of(s));
  std::uint64_t open = 0;
  std::uint64_t unowned = 0;
  bool range_matters = false;
  for (const auto& group : s.groups) {
    const auto state = group.key.state;
    range_matters =
        range_matters || has_destination(s, group) || group.key.state == tcp::state::time_wait;
    if (state != tcp::state::established && state != tcp::state::close_wait) continue;
    open += group.count;
    if (group.key.owner.kind == ownership::unknown) unowned += group.count;
  }
  range_matters = range_matters || message_of(s, message_kind::address_not_available) != nullptr;
  if (unowned > 0 && !has_limit(limits, "owners-unknown")) {
    limits.push_back({.id = "owners-unknown",
                      .text = fmt::format("the owners of {} of {} are not known", grouped(unowned),
                                          counted(open, "open socket")),
                      .hint = s.source == source_kind::pasted
                                  ? fmt::format("paste the output of `{}`, taken as {}",
                                                system.list_sockets, system.administrator)
                                  : "run as root"});
  }
  if (range_matters && seen.ports.supply(0).range_assumed &&
      !has_limit(limits, "port-range-assumed")) {
    const auto& supply = seen.ports.supply(0);
    const auto from = supply.range_from_ports
                          ? std::string("the ports of these connections tell")
                          : fmt::format("the default of {} is assumed", to_string(system_of(s)));
    limits.push_back({.id = "port-range-assumed",
                      .text = fmt::format("the port range was not seen: {} ({}-{})", from,
                                          supply.range.low, supply.range.high),
                      .hint = system.show_ports.empty()
                                  ? std::string()
                                  : fmt::format("add the output of `{}`", system.show_ports)});
  }
}

/// What the rules found; of what is past the bound of a kind, how many there are.
/// Of those past a rule's bound at least whom they are about.
limit not_told(std::string_view id, std::span<const finding> rest) {
  constexpr std::size_t named_max = 8;
  std::vector<std::string> subjects;
  for (const auto& f : rest) {
    if (!f.subject.text.empty()) subjects.push_back(f.subject.text);
  }
  auto text = fmt::format("{} more of {} are not told", rest.size(), id);
  if (subjects.size() == rest.size()) text += ": " + listed(subjects, named_max);
  return {.id = "findings-not-told", .text = std::move(text), .hint = {}};
}

findings findings_in(const picture& seen, std::vector<limit>& limits) {
  findings found;
  for (const auto& [id, look, told] : catalogue()) {
    auto of_kind = look(seen);
    if (of_kind.size() > told) {
      limits.push_back(not_told(id, std::span(of_kind).subspan(told)));
      of_kind.resize(told);
    }
    for (auto& f : of_kind) {
      assert(f.id == id);
      std::ranges::move(captured_evidence(seen.s, f), std::back_inserter(f.evidence));
      found.push_back(std::move(f));
    }
  }
  return found;
}

}  // namespace

bool lacks_opener(const snapshot& s, const report& r) {
  using namespace std::literals;
  constexpr std::array about_churn{"ephemeral-port-exhaustion"sv, "short-connections"sv,
                                   "proxy-without-keepalive"sv, "bind-before-connect"sv};
  return s.source == source_kind::live && s.openers.empty() && !s.followed &&
         std::ranges::any_of(r.findings, [&](const finding& f) {
           return f.subject.pid == 0 && std::ranges::find(about_churn, f.id) != about_churn.end();
         });
}

std::vector<standing_queue> standing_queues(const snapshot& s) {
  using std::chrono::milliseconds;
  constexpr std::int64_t gaps = 3;
  constexpr milliseconds least{1'000};
  constexpr milliseconds most{3'000};
  std::vector<standing_queue> standing;
  if (s.source != source_kind::live) return standing;
  for (const auto& p : stuck_ports_of(s)) {
    const auto waiting = p.waiting.count + p.gave_up.count;
    if (p.listening == nullptr || waiting == 0) continue;
    const auto gap = p.oldest_ms() / static_cast<std::int64_t>(waiting);
    standing.push_back({.queue = {.net_namespace = p.net_namespace, .port = p.local.port},
                        .worth = std::clamp(milliseconds(gaps * gap), least, most)});
  }
  return standing;
}

std::vector<std::int32_t> stalled_processes(const snapshot& s, const report& r) {
  using namespace std::literals;
  constexpr std::array about_stalls{"accept-queue-stuck"sv, "application-stalled"sv,
                                    "server-not-closing"sv};
  constexpr std::size_t most = 8;
  std::vector<std::int32_t> pids;
  if (s.source != source_kind::live) return pids;
  for (const auto& f : r.findings) {
    const bool is_stall = std::ranges::find(about_stalls, f.id) != about_stalls.end();
    const bool is_new = std::ranges::find(pids, f.subject.pid) == pids.end();
    if (is_stall && is_new && f.subject.pid != 0 && pids.size() < most) {
      pids.push_back(f.subject.pid);
    }
  }
  return pids;
}

report diagnose(const snapshot& s, const std::vector<watched_queue>& watched) {
  const picture seen(s, watched);
  report made;
  made.about = summary_of(s);
  made.limits = s.limits;
  made.findings = in_order(findings_in(seen, made.limits));
  const auto questions = open_questions(seen);
  made.verdict = verdict_of(s, made.findings, questions);
  made.headline = headline_of(seen, made.verdict, made.findings, questions);
  add_limits(seen, made.limits);
  add_bound_ports(seen, made.findings, made.limits);
  if (made.verdict == verdict::unknown) {
    for (const auto& q : questions) made.limits.push_back(q.to_add);
  }
  return made;
}

}  // namespace waitstate::diagnosis
