#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "advice/close.h"
#include "judgement/accept_queue.h"
#include "judgement/close_wait_piles.h"
#include "judgement/other_end.h"
#include "judgement/server_family.h"
#include "judgement/undirected_close_wait.h"
#include "judgement/unread_by_port.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/activity_text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// A clean client keeps its FIN-WAIT-2 for a minute, so over that age it is no race: so many are no
/// accident of one handler either.
constexpr std::uint64_t many_old = 10;
/// So many, and four times as many as are open, are more than a busy server has yet to close.
constexpr std::uint64_t a_crowd = 20;
constexpr std::uint64_t for_each_open = 4;

/// Live: old ones, or a crowd beside few that are open, or growth. In a paste: what stands out.
bool is_leak(const snapshot& s, const pile& p) {
  const auto& g = p.close_wait;
  if (s.source == source_kind::pasted) {
    // What it holds beyond them is the finding: ghost-sockets.
    const auto* owner = s.owner_of(p.owner);
    constexpr std::uint64_t ghosts_min = 3;
    const auto ghosts = owner == nullptr ? 0 : owner->ghost_sockets.value_or(0);
    if (ghosts >= ghosts_min && ghosts > 2 * g.count) return false;
    return stands_out(s, g.count, p.established.count, p.is_rows);
  }
  const bool is_crowd = g.count >= a_crowd && g.count > for_each_open * p.established.count;
  const bool is_growth = g.count >= many_old && g.count > p.established.count && is_growing(s, g);
  return g.age.over_a_minute() >= many_old || is_crowd || is_growth;
}

/// Nobody holds it: the accept queue's business.
bool is_unaccepted(const picture& seen, const pile& p) {
  if (p.owner.kind == ownership::owned) return false;
  if (p.owner.kind == ownership::none && seen.shows_owners) return true;
  return contains(seen.stuck_ports, p.net_namespace, p.endpoint.port);
}

/// The piles of a port's workers, which are processes of one name and family, are one pile: each
/// may hold a single connection.
struct shared_pile {
  pile p;                         ///< The owner is the one that holds most.
  std::vector<owner_ref> owners;  ///< By pid, where there are several.

  /// Without the owner where its own descriptors say nothing of them all.
  [[nodiscard]] pile of_all() const {
    auto all = p;
    if (owners.size() > 1) all.owner = {};
    return all;
  }
};

bool belongs_to(const snapshot& s, const shared_pile& family, const pile& p) {
  const auto* mine = s.owner_of(p.owner);
  const auto* theirs = s.owner_of(family.p.owner);
  return mine != nullptr && theirs != nullptr && p.net_namespace == family.p.net_namespace &&
         p.endpoint.port == family.p.endpoint.port && are_one_family(*mine, *theirs);
}

std::vector<shared_pile> shared_piles(const snapshot& s, const std::vector<pile>& piles) {
  std::vector<shared_pile> shared;
  for (const auto& p : piles) {
    const auto family =
        std::ranges::find_if(shared, [&](const shared_pile& one) { return belongs_to(s, one, p); });
    if (family == shared.end()) {
      shared.push_back({.p = p, .owners = {p.owner}});
      continue;
    }
    family->p.close_wait.merge(p.close_wait);
    family->p.established.merge(p.established);
    family->p.peers = std::max(family->p.peers, p.peers);
    family->owners.push_back(p.owner);
  }
  for (auto& one : shared) {
    std::ranges::sort(one.owners, {}, [&](const owner_ref& o) {
      const auto* owner = s.owner_of(o);
      return owner == nullptr ? 0 : owner->pid;
    });
  }
  return shared;
}

bool is_part_of_a_stall(const picture& seen, const pile& p) {
  return std::ranges::any_of(seen.unread_loads, [&](const unread_load& load) {
    return load.net_namespace == p.net_namespace && load.owner == p.owner &&
           load.local.port == p.endpoint.port && is_stalled(seen.s, load, seen.stuck_ports);
  });
}

std::string who_keeps(const snapshot& s, const shared_pile& shared) {
  const auto* process = s.owner_of(shared.p.owner);
  if (process == nullptr) return "the server here keeps";
  if (shared.owners.size() == 1) return to_string(*process) + " keeps";
  return fmt::format("{} processes of {} keep", grouped(shared.owners.size()), process->name);
}

std::string title_of(const snapshot& s, const shared_pile& shared) {
  const auto& p = shared.p;
  const auto port = known_text(s, p.endpoint);
  auto title =
      fmt::format("{} {}{} that the client closed", who_keeps(s, shared),
                  counted(p.close_wait.count, "connection"), port.empty() ? "" : " on " + port);
  if (is_growing(s, p.close_wait)) {
    return title +
           fmt::format(", {} more every second", rate(p.close_wait.growth_per_second.value_or(0)));
  }
  if (p.close_wait.age.over_a_minute() > 0) return title + ", " + oldest_text(p.close_wait);
  if (p.established.count > 0 && p.close_wait.count > p.established.count) {
    return title + fmt::format(", beside {} open ones", grouped(p.established.count));
  }
  return title;
}

/// The process that accepted connections which another program holds now: its child, that inherited
/// them. One alone may have been handed to it on purpose, as inetd does; systemd (pid 1) hands
/// whole listeners over.
const process* inherited_from(const snapshot& s, const pile& p) {
  constexpr std::uint64_t by_mistake = 2;
  const auto* holder = s.owner_of(p.owner);
  if (s.source == source_kind::pasted || holder == nullptr || p.close_wait.count < by_mistake) {
    return nullptr;
  }
  for (const auto& l : s.listeners) {
    if (l.net_namespace != p.net_namespace || l.local.port != p.endpoint.port) continue;
    const auto* accepted = s.owner_of(l.owner);
    const bool is_parent =
        accepted != nullptr && accepted->pid > 1 && holder->parent == accepted->pid;
    if (is_parent && accepted->name != holder->name) return accepted;
  }
  return nullptr;
}

std::string cause_of_inheritance(const process& holder, const process& accepted) {
  return fmt::format(
      "{} accepted these connections and closed its descriptors of them. {}, which it started "
      "meanwhile, inherited copies, because they were not marked close-on-exec: no FIN is sent "
      "before the last copy is closed.",
      to_string(accepted), to_string(holder));
}

std::string cause_of_leak(const snapshot& s, const pile& p) {
  if (const auto* accepted = inherited_from(s, p)) {
    return cause_of_inheritance(*s.owner_of(p.owner), *accepted);
  }
  auto cause = std::string(
      "The clients closed first. The server accepted these connections and its handlers have not "
      "called close() since: each takes a descriptor until it does.");
  if (const auto meaning = queue_meaning(s, p.close_wait); !meaning.empty()) {
    cause += " " + meaning;
  }
  if (s.source == source_kind::live && p.close_wait.age.over_a_minute() == 0) {
    cause +=
        " They are young: a server that is only slow shows the same for a moment, so look "
        "twice (--interval 10s).";
  }
  return cause;
}

severity severity_of(const snapshot& s, const pile& p) {
  const auto use = descriptors_of(s, p.owner, p.close_wait.count);
  const bool has_failed = message_of(s, message_kind::too_many_open_files) != nullptr;
  return has_failed || eats_descriptors(use) ? severity::critical : severity::warning;
}

remedy mark_close_on_exec(const process& holder) {
  return {.text =
              "Mark descriptors close-on-exec where they are made, so that no child inherits "
              "them, and let the code that starts children close the rest",
          .command =
              "accept4(listener, NULL, NULL, SOCK_CLOEXEC);\n"
              "# Python: subprocess.run(..., close_fds=True), no os.fork() and exec\n"
              "# a shell: command 3>&- 4>&-\n",
          .risk = "a child that is meant to serve a connection needs it handed over",
          .undo = fmt::format("for now, ending {} frees them", to_string(holder))};
}

std::vector<remedy> remedies_for(const snapshot& s, const pile& p) {
  if (inherited_from(s, p) != nullptr) return {mark_close_on_exec(*s.owner_of(p.owner))};
  const auto runtime = runtime_for(s, p.owner);
  std::vector<remedy> remedies{close_in_handlers(runtime),
                               show_threads(s, runtime, s.owner_of(p.owner))};
  if (auto now = close_from_outside(s, p.net_namespace, direction::inbound, p.endpoint)) {
    remedies.push_back(std::move(*now));
  }
  return remedies;
}

subject subject_of(const snapshot& s, const pile& p) {
  if (s.owner_of(p.owner) != nullptr) return process_subject(s, p.owner);
  return known_text(s, p.endpoint).empty()
             ? host_subject(s)
             : listener_subject(s, p.endpoint, p.owner, p.net_namespace);
}

/// Many that are old, a number that grows, handlers that have read the FIN: no slow server.
certainty certainty_of(const snapshot& s, const pile& p) {
  const auto& g = p.close_wait;
  const bool has_read_the_end = g.receive_queue_empty * 2 >= g.count && g.receive_queue_empty > 0;
  const bool is_proven = g.age.over_a_minute() >= many_old || is_growing(s, g) || has_read_the_end;
  return is_proven ? certainty{} : may_close_yet(direction::inbound);
}

finding leak_of(const snapshot& s, const shared_pile& shared) {
  const auto& p = shared.p;
  const auto all = shared.of_all();
  const auto port = known_text(s, p.endpoint);
  finding f{.id = "server-not-closing",
            .severity = severity_of(s, all),
            .certainty = certainty_of(s, p),
            .title = title_of(s, shared),
            .subject = subject_of(s, p),
            .evidence = {count_evidence(s, p, port.empty() ? "" : "on " + port)},
            .cause = cause_of_leak(s, p),
            .forecast = close_wait_forecast(s, all),
            .remedies = remedies_for(s, p)};
  add_other_end(
      s, {.net_namespace = p.net_namespace, .side = direction::inbound, .endpoint = p.endpoint},
      f.evidence);
  for (auto& e : pile_evidence(s, all)) f.evidence.push_back(std::move(e));
  // Of one process its threads are worth a row only where they were looked at.
  const auto* process = s.owner_of(p.owner);
  if (shared.owners.size() > 1 || (process != nullptr && !process->threads.empty())) {
    for (auto& e : activity_evidence(s, shared.owners, p.owner)) f.evidence.push_back(std::move(e));
  }
  if (const auto* said = message_of(s, message_kind::too_many_open_files)) {
    f.evidence.push_back(message_evidence(*said));
  }
  return f;
}

pile pile_of(const snapshot& s, const undirected_close_wait& u) {
  pile p{.owner = u.owner,
         .endpoint = {.address = {}, .port = u.port},
         .close_wait = u.close_wait,
         .peers = u.peers,
         .is_rows = u.is_rows};
  if (u.port == 0 && s.listeners.size() == 1) p.endpoint = s.listeners.front().local;
  p.established.count = u.established;
  return p;
}

finding undirected_leak_of(const snapshot& s, const undirected_close_wait& u) {
  const auto p = pile_of(s, u);
  auto f = leak_of(s, {.p = p, .owners = {p.owner}});
  f.certainty = taken_for_end(direction::inbound);
  f.cause +=
      " What was pasted does not say which end these sockets are; what else it shows speaks "
      "for a server's.";
  f.remedies.insert(f.remedies.begin(), show_holders(s));
  return f;
}

}  // namespace

findings server_not_closing(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& shared : shared_piles(s, seen.inbound)) {
    const auto& p = shared.p;
    if (found.size() == findings_max) break;
    if (!is_leak(s, p) || is_unaccepted(seen, p) || is_part_of_a_stall(seen, p)) continue;
    found.push_back(leak_of(s, shared));
  }
  for (const auto& u : seen.undirected) {
    if (found.size() >= findings_max) break;
    if (u.cause == undirected_cause::server) found.push_back(undirected_leak_of(s, u));
  }
  return found;
}

}  // namespace waitstate::diagnosis
