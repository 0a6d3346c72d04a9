#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "advice/close.h"
#include "judgement/accept_queue.h"
#include "judgement/near_limit.h"
#include "judgement/other_end.h"
#include "judgement/workforce.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/activity_text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"
#include "words/stopped_text.h"

namespace waitstate::diagnosis {
namespace {

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
  constexpr std::uint32_t second_ms = 1'000;
  if (p.oldest_ms() < second_ms) return {};
  return ", the oldest for " + elapsed(std::chrono::milliseconds(p.oldest_ms()));
}

workforce force_of(const snapshot& s, const stuck_port& p) {
  return workforce_of(s, p.net_namespace, p.local.port, owner_of(p));
}

/// Its address and port; of a unix socket its path; or nothing of it where a paste cut it away.
std::string listener_text(const snapshot& s, const tcp::endpoint& local) {
  if (local.port != 0) return s.text_of(local);
  return local.address.is_known() ? s.text_of(local.address) : std::string("a listener");
}

std::string title_of(const snapshot& s, const stuck_port& p) {
  const auto owner = owner_text(s, owner_of(p));
  const auto who = owner.empty() ? std::string("the program") : owner;
  const auto where = listener_text(s, p.local);
  if (queue_of(p) == 0) {
    return fmt::format("{} ended on {} before {} accepted them",
                       counted(p.gave_up.count, "connection"), where, who);
  }
  const auto backlog = backlog_of(p);
  const auto force = force_of(s, p);
  const auto queue = fmt::format(
      "{} in the queue of {}{}",
      queue_of(p) == 1 ? "1 connection waits" : counted(queue_of(p), "connection") + " wait", where,
      backlog == 0 ? "" : fmt::format(", which takes {}", grouped(backlog)));
  if (p.is_served()) {
    const auto workers = force.workers.size() > 1
                             ? fmt::format(" with its {} workers", force.workers.size())
                             : std::string();
    return fmt::format("{} is slower than its clients{}: {}", who, workers, queue) + oldest_wait(p);
  }
  if (is_stopped(s, force)) {
    return fmt::format("{} is stopped and does not accept: {}", who, queue) + oldest_wait(p);
  }
  const auto busy = force.workers.size() > 1 && force.all_busy()
                        ? fmt::format(", all {} workers are busy", force.workers.size())
                        : std::string();
  return fmt::format("{} does not accept{}: {}", who, busy, queue) + oldest_wait(p);
}

/// SYN-SENT of this host that this queue leaves unanswered.
std::uint64_t connects_to(const snapshot& s, const stuck_port& p) {
  std::uint64_t trying = 0;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::syn_sent || g.key.remote.port != p.local.port) continue;
    const auto others = other_ends_of(s, {.net_namespace = g.key.net_namespace,
                                          .side = direction::outbound,
                                          .endpoint = g.key.remote});
    if (!others.empty() && others.front().net_namespace == p.net_namespace) trying += g.count;
  }
  return trying;
}

std::vector<evidence> proof_of(const snapshot& s, const stuck_port& p) {
  std::vector<evidence> proof;
  const auto source = source_of(s);
  if (queue_of(p) > 0) {
    const auto backlog = backlog_of(p);
    proof.push_back({.fact = "accept queue of " + listener_text(s, p.local),
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
  if (p.taken) {
    proof.push_back({.fact = "taken from it while it was watched for a moment",
                     .value = *p.taken == 0 ? "none" : grouped(*p.taken) + " or more",
                     .source = source});
  }
  if (p.gave_up.count > 0) {
    const auto oldest = oldest_text(p.gave_up);
    proof.push_back({.fact = "CLOSE-WAIT there that no process holds",
                     .value = grouped(p.gave_up.count) + (oldest.empty() ? "" : ", " + oldest),
                     .source = source});
  }
  if (const auto trying = connects_to(s, p); trying > 0) {
    proof.push_back({.fact = "connects of this host that wait for a place in it",
                     .value = grouped(trying),
                     .source = source});
  }
  const auto force = force_of(s, p);
  for (auto& e : activity_evidence(s, force.workers, force.to_look_at(s))) {
    proof.push_back(std::move(e));
  }
  add_other_end(s,
                {.net_namespace = p.net_namespace, .side = direction::inbound, .endpoint = p.local},
                proof);
  for (const auto kind : {message_kind::listen_overflow, message_kind::syn_flood}) {
    if (const auto* said = message_of(s, kind)) proof.push_back(message_evidence(*said));
  }
  return proof;
}

std::vector<remedy> remedies_for(const snapshot& s, const stuck_port& p) {
  const auto force = force_of(s, p);
  const auto blocked = force.to_look_at(s);
  const auto runtime = runtime_for(s, blocked);
  if (p.is_served()) {
    return {more_workers(runtime),
            show_threads(s, runtime, s.owner_of(blocked)),
            {.text = "Leave the backlog as it is: a longer queue lets each client wait longer"}};
  }
  if (is_stopped(s, force)) return let_run(s, force.workers);
  const bool needs_workers = force.workers.size() > 1 && force.all_busy();
  return {show_threads(s, runtime, s.owner_of(blocked)),
          needs_workers
              ? more_workers(runtime)
              : remedy{.text = "Accept in a loop of its own that does nothing else: a handshake, a "
                               "lookup or a lock in it holds all clients up"},
          {.text = "Restart it when it cannot be freed; leave the waiting sockets alone, and the "
                   "backlog as it is: a longer queue only fills later",
           .risk = "the connections it serves are cut"}};
}

std::string cause_of(const snapshot& s, const stuck_port& p) {
  if (p.is_served()) {
    return "The program does accept: while it was watched it took connections from the queue. It "
           "takes fewer than come, so that each client waits behind all that came before it. Its "
           "requests are slow, or it has too few workers for them.";
  }
  if (is_stopped(s, force_of(s, p))) return std::string(why_stopped);
  return "The kernel finishes handshakes and queues the connections; the program does not take "
         "them "
         "with accept(). It is blocked, out of descriptors or out of workers.";
}

/// Sockets that have waited for a second, or whose clients gave up, are no burst.
certainty certainty_of(const picture& seen, const stuck_port& p) {
  const bool is_unaccepted = seen.shows_owners && p.gave_up.count > 0;
  return p.over_a_second() > 0 || is_unaccepted ? certainty{} : seen_full_once();
}

/// The listener's owner, or one of those that work for it.
bool is_out_of_descriptors(const snapshot& s, const stuck_port& p) {
  const auto* owner = s.owner_of(owner_of(p));
  if (owner != nullptr && is_at_descriptor_limit(*owner)) return true;
  return std::ranges::any_of(force_of(s, p).workers, [&](const owner_ref& w) {
    return is_at_descriptor_limit(s.processes[w.process]);
  });
}

finding stuck_finding(const picture& seen, const stuck_port& p) {
  const auto& s = seen.s;
  auto cause = cause_of(s, p);
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
          .severity = p.is_served() ? severity::warning : severity::critical,
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
    // It cannot accept for want of descriptors: that is the finding, and it tells of the queue.
    if (is_out_of_descriptors(s, p)) continue;
    found.push_back(stuck_finding(seen, p));
  }
  return found;
}

}  // namespace waitstate::diagnosis
