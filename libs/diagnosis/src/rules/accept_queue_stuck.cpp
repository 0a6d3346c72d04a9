#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "advice/close.h"
#include "judgement/accept_queue.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::size_t findings_max = 3;

owner_ref owner_of(const stuck_port& p) {
  return p.listening == nullptr ? owner_ref{} : p.listening->owner;
}

std::uint64_t queue_of(const stuck_port& p) {
  return p.listening == nullptr ? 0 : p.listening->accept_queue.value_or(0);
}

std::uint64_t backlog_of(const stuck_port& p) {
  return p.listening == nullptr ? 0 : p.listening->backlog.value_or(0);
}

std::string oldest_wait(const stuck_port& p) {
  if (p.over_a_second() == 0) return {};
  return ", the oldest for " + elapsed(std::chrono::milliseconds(p.oldest_ms()));
}

/// The processes that hold connections of this port: where the listener is shared, those that
/// work, and not the one that only watches over them.
std::vector<owner_ref> workers_of(const snapshot& s, const stuck_port& p) {
  std::map<owner_ref, std::uint64_t> held;
  for (const auto& g : s.groups) {
    const bool here = g.key.net_namespace == p.net_namespace && g.key.local.port == p.local.port;
    const bool is_open =
        g.key.state == tcp::state::established || g.key.state == tcp::state::close_wait;
    if (here && is_open && g.key.direction == direction::inbound && s.owner_of(g.key.owner)) {
      held[g.key.owner] += g.count;
    }
  }
  std::vector<owner_ref> workers;
  workers.reserve(held.size());
  for (const auto& [owner, count] : held) workers.push_back(owner);
  return workers;
}

/// Whose threads to look at: the owner of the listener, unless others do its work.
owner_ref blocked_one(const snapshot& s, const stuck_port& p) {
  const auto workers = workers_of(s, p);
  const bool works = workers.empty() || std::ranges::find(workers, owner_of(p)) != workers.end();
  return works ? owner_of(p) : workers.front();
}

std::string title_of(const snapshot& s, const stuck_port& p) {
  const auto owner = owner_text(s, owner_of(p));
  const auto who = owner.empty() ? std::string("the program") : owner;
  const auto where = s.text_of(p.local);
  if (queue_of(p) == 0) {
    return fmt::format("{} ended on {} before {} accepted them",
                       counted(p.gave_up.count, "connection"), where, who);
  }
  const auto backlog = backlog_of(p);
  return fmt::format(
             "{} does not accept: {} in the queue of {}{}", who,
             queue_of(p) == 1 ? "1 connection waits" : counted(queue_of(p), "connection") + " wait",
             where, backlog == 0 ? "" : fmt::format(", which takes {}", grouped(backlog))) +
         oldest_wait(p);
}

std::string activity_text(const process& p) {
  const auto state = p.activity == 'R'   ? "running"
                     : p.activity == 'S' ? "asleep"
                     : p.activity == 'D' ? "in an uninterruptible wait"
                     : p.activity == 'T' ? "stopped"
                                         : "in state " + std::string(1, p.activity);
  return p.waits_in.empty() ? state : fmt::format("{} in {}", state, p.waits_in);
}

std::vector<evidence> proof_of(const snapshot& s, const stuck_port& p) {
  std::vector<evidence> proof;
  const auto source = source_of(s);
  if (queue_of(p) > 0) {
    const auto backlog = backlog_of(p);
    proof.push_back({.fact = "accept queue of " + s.text_of(p.local),
                     .value = backlog == 0
                                  ? grouped(queue_of(p))
                                  : fmt::format("{} of {}", grouped(queue_of(p)), grouped(backlog)),
                     .source = source});
  }
  if (p.over_a_second() > 0) {
    proof.push_back({.fact = "waiting for longer than a second",
                     .value = grouped(p.over_a_second()) + oldest_wait(p),
                     .source = source});
  }
  if (p.gave_up.count > 0) {
    const auto oldest = oldest_text(p.gave_up);
    proof.push_back({.fact = "CLOSE-WAIT there that no process holds",
                     .value = grouped(p.gave_up.count) + (oldest.empty() ? "" : ", " + oldest),
                     .source = source});
  }
  const auto workers = workers_of(s, p);
  if (workers.size() > 1) {
    std::vector<std::string> texts;
    texts.reserve(workers.size());
    for (const auto& w : workers) texts.push_back(owner_text(s, w));
    proof.push_back({.fact = "processes that hold connections of this port",
                     .value = fmt::format("{}: {}", workers.size(), listed(texts)),
                     .source = source});
  }
  if (const auto* process = s.owner_of(blocked_one(s, p));
      process != nullptr && process->activity != 0) {
    proof.push_back({.fact = workers.size() > 1
                                 ? "the main thread of " + owner_text(s, blocked_one(s, p))
                                 : "its main thread",
                     .value = activity_text(*process),
                     .source = "/proc"});
  }
  for (const auto kind : {message_kind::listen_overflow, message_kind::syn_flood}) {
    if (const auto* said = message_of(s, kind)) proof.push_back(message_evidence(*said));
  }
  return proof;
}

std::vector<remedy> remedies_for(const snapshot& s, const stuck_port& p) {
  const auto blocked = blocked_one(s, p);
  return {show_threads(s, runtime_for(s, blocked), s.owner_of(blocked)),
          {.text = "Accept in a loop of its own that does nothing else: a handshake, a lookup or a "
                   "lock in it holds all clients up"},
          {.text = "Restart it when it cannot be freed; leave the waiting sockets alone, and the "
                   "backlog as it is: a longer queue only fills later",
           .risk = "the connections it serves are cut"}};
}

/// Sockets that have waited for a second, or whose clients gave up, are no burst.
certainty certainty_of(const picture& seen, const stuck_port& p) {
  const bool is_unaccepted = seen.shows_owners && p.gave_up.count > 0;
  return p.over_a_second() > 0 || is_unaccepted ? certainty{} : seen_full_once();
}

finding stuck_finding(const picture& seen, const stuck_port& p) {
  const auto& s = seen.s;
  auto cause = std::string(
      "The kernel finishes handshakes and queues the connections; the program does not take them "
      "with accept(). It is blocked, out of descriptors or out of workers.");
  if (p.gave_up.count > 0) {
    cause +=
        " Clients gave up meanwhile: their connections are in CLOSE-WAIT without an owner, "
        "and killing those does not free their places in the queue.";
  }
  std::string forecast;
  if (backlog_of(p) > 0 && queue_of(p) >= backlog_of(p)) {
    forecast = "the queue is full: the kernel drops new connections, and clients time out";
  }
  return {.id = "accept-queue-stuck",
          .severity = severity::critical,
          .certainty = certainty_of(seen, p),
          .title = title_of(s, p),
          .subject = listener_subject(s, p.local, owner_of(p), p.net_namespace),
          .evidence = proof_of(s, p),
          .cause = cause,
          .forecast = forecast,
          .remedies = remedies_for(s, p)};
}

/// Where the paste has the kernel's line and no socket.
finding finding_of(const snapshot& s, const message& said) {
  const auto where = said.endpoint ? "the queue of " + s.text_of(*said.endpoint) : "a full queue";
  finding f{.id = "accept-queue-stuck",
            .severity = severity::critical,
            .certainty = seen_full_once(),
            .title = fmt::format("a program does not accept: {} wait in {}, and {} more were "
                                 "refused",
                                 grouped(said.queued.value_or(0)), where, grouped(said.count)),
            .subject = said.endpoint ? listener_subject(s, *said.endpoint, {}, 0) : host_subject(s),
            .evidence = {message_evidence(said)},
            .cause =
                "The kernel finishes handshakes and queues the connections; the program does "
                "not take them with accept(): one that does takes so many in a moment. It is "
                "blocked, spins, or is out of descriptors or workers.",
            .forecast = "the queue is full: the kernel drops new connections, and clients time out",
            .remedies = remedies_for(s, {})};
  return f;
}

}  // namespace

findings accept_queue_stuck(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  if (seen.stuck_ports.empty()) {
    if (const auto* said = queue_said_to_stand(s)) return {finding_of(s, *said)};
  }
  for (const auto& p : seen.stuck_ports) {
    if (found.size() == findings_max) break;
    found.push_back(stuck_finding(seen, p));
  }
  return found;
}

}  // namespace waitstate::diagnosis
