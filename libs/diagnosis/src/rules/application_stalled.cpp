#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "advice/close.h"
#include "judgement/other_end.h"
#include "judgement/undirected_close_wait.h"
#include "judgement/unread_by_port.h"
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

workforce force_of(const snapshot& s, const unread_load& load) {
  return workforce_of(s, load.net_namespace, load.local.port, load.owner);
}

/// Whose threads to look at: a worker that runs, where the one that holds the connections waits for
/// its workers to take them.
owner_ref blocked_one(const snapshot& s, const unread_load& load) {
  const auto looked_at = force_of(s, load).to_look_at(s);
  return looked_at.kind == ownership::owned ? looked_at : load.owner;
}

std::vector<remedy> remedies_for(const snapshot& s, const owner_ref& owner) {
  const auto runtime = runtime_for(s, owner);
  return {show_threads(s, runtime, s.owner_of(owner)),
          {.text = "Bound what one slow dependency can take: a time-out on every call it makes and "
                   "a limit on how many wait for it"},
          {.text = "Give callers longer time-outs and a growing pause between retries: each one "
                   "that gives up leaves a connection to be worked through for nothing"}};
}

std::string title_of(const snapshot& s, const unread_load& load) {
  const auto owner = owner_text(s, load.owner);
  const bool all_gave_up = load.established == 0;
  const auto* const does = is_stopped(s, force_of(s, load)) ? "is stopped" : "does not read";
  return fmt::format("{} {}: {} of {} {} connections on {} have unread data",
                     owner.empty() ? "the server" : owner, does,
                     grouped(all_gave_up ? load.close_wait_unread : load.established_unread),
                     grouped(all_gave_up ? load.close_wait : load.established),
                     all_gave_up ? "given-up" : "open", known_text(s, load.local));
}

finding stall_of(const snapshot& s, const unread_load& load) {
  const auto source = source_of(s);
  finding f{.id = "application-stalled",
            .severity = severity::critical,
            .certainty = s.source == source_kind::live ? certainty{} : seen_full_once(),
            .title = title_of(s, load),
            .subject = s.owner_of(load.owner) != nullptr
                           ? process_subject(s, load.owner)
                           : listener_subject(s, load.local, load.owner, load.net_namespace),
            .cause =
                "Requests arrive and are not read, on most connections at once: it is the program "
                "that stands still, not one handler. Clients that give up turn theirs into "
                "CLOSE-WAIT.",
            .forecast = "clients time out and retry, which adds to the pile",
            .remedies = remedies_for(s, blocked_one(s, load))};
  const auto force = force_of(s, load);
  if (is_stopped(s, force)) {
    f.cause = why_stopped;
    f.remedies = let_run(s, force.workers);
  }
  f.evidence.push_back({.fact = "ESTABLISHED with unread data",
                        .value = fmt::format("{} of {}", grouped(load.established_unread),
                                             grouped(load.established)),
                        .source = source});
  f.evidence.push_back(
      {.fact = "CLOSE-WAIT with unread data",
       .value = fmt::format("{} of {}", grouped(load.close_wait_unread), grouped(load.close_wait)),
       .source = source});
  f.evidence.push_back({.fact = "peers", .value = grouped(load.peers), .source = source});
  if (load.never_read > 0) {
    f.evidence.push_back({.fact = "of which not one byte was ever read",
                          .value = grouped(load.never_read),
                          .source = source});
  }
  if (load.standing_ms > 0) {
    f.evidence.push_back({.fact = "unread for",
                          .value = elapsed(std::chrono::milliseconds(load.standing_ms)),
                          .source = source});
  }
  add_other_end(
      s, {.net_namespace = load.net_namespace, .side = direction::inbound, .endpoint = load.local},
      f.evidence);
  for (auto& e : activity_evidence(s, force.workers, blocked_one(s, load))) {
    f.evidence.push_back(std::move(e));
  }
  return f;
}

/// The text says that something hangs, and the sockets fit.
void word_hanging(finding& f, const snapshot& s, const undirected_close_wait& u) {
  f.title = fmt::format("a program is said to hang, and {} are in CLOSE-WAIT",
                        counted(u.close_wait.count, "connection"));
  f.cause =
      "A program that stands still neither reads nor closes: each client that gives up leaves a "
      "connection in CLOSE-WAIT. What its threads wait for decides: a lock, a dependency that does "
      "not answer, a pool that is out.";
  f.certainty =
      possible("one path of the program that loses its connections, until none is left",
               "a dump of its threads: where it stands still, they all wait in one place");
  f.evidence = {
      {.fact = "it says", .value = s.hanging, .source = source_of(s)},
      {.fact = "CLOSE-WAIT", .value = grouped(u.close_wait.count), .source = source_of(s)}};
  if (u.established == 0) return;
  f.evidence.push_back(
      {.fact = "ESTABLISHED", .value = grouped(u.established), .source = source_of(s)});
}

std::string interval_text(const steady_growth& growth) {
  return growth.series->interval ? elapsed(*growth.series->interval) : std::string("look");
}

finding stall_of(const picture& seen, const undirected_close_wait& u) {
  const auto& s = seen.s;
  const auto& growth = seen.growth;
  const auto source = source_of(s);
  finding f{
      .id = "application-stalled",
      .severity = severity::critical,
      .subject = u.owner.kind == ownership::owned ? process_subject(s, u.owner) : host_subject(s),
      .forecast = "clients time out and retry, which adds to the pile",
      .remedies = remedies_for(s, u.owner)};
  if (growth) {
    const auto& values = growth->series->values;
    f.title = fmt::format(
        "CLOSE-WAIT grows by about {} every {}, from {} to {}: no request gets "
        "through any more",
        std::lround(growth->per_look), interval_text(*growth), grouped(values.front()),
        grouped(values.back()));
    f.cause =
        "The number grows by the same amount at every look, as regular calls do: each caller "
        "gives up, and its connection stays unserved. A leak on one path would grow "
        "unevenly.";
    f.certainty =
        likely("one path of the program that loses each of its connections",
               "a dump of its threads: where it stands still, they all wait in one place");
    f.evidence.push_back({.fact = "CLOSE-WAIT",
                          .value = fmt::format("{} looks from {} to {}", values.size(),
                                               grouped(values.front()), grouped(values.back())),
                          .source = source});
    if (growth->siblings_at_zero > 0) {
      f.evidence.push_back({.fact = "other hosts or times with 0",
                            .value = grouped(growth->siblings_at_zero),
                            .source = source});
    }
    return f;
  }
  if (!s.hanging.empty() && u.syn_received == 0) {
    word_hanging(f, s, u);
    return f;
  }
  f.title = fmt::format(
      "the server does not keep up: {} connections were given up by clients, {}{} are open",
      grouped(u.close_wait.count),
      u.syn_received == 0 ? "" : fmt::format("{} handshakes wait, ", grouped(u.syn_received)),
      grouped(u.established));
  f.cause =
      u.syn_received == 0
          ? "No client has so many connections to one place, as each takes one of its 65,535 "
            "ports: these "
            "are a server's. For each that is open several were given up by clients, so it is not "
            "one path "
            "that does not close: the program does not get to them."
          : "Handshakes pile up where the accept queue is full, and CLOSE-WAIT where clients gave "
            "up: the program is slower than its callers, and what it gets to is already dead.";
  f.certainty = possible("handlers that do not close what clients ended, and a burst beside them",
                         "who holds the CLOSE-WAIT sockets and what is unread in them: `ss -tanp "
                         "state close-wait`; a stalled server has not read them");
  f.evidence = {{.fact = "CLOSE-WAIT", .value = grouped(u.close_wait.count), .source = source},
                {.fact = "SYN-RECEIVED", .value = grouped(u.syn_received), .source = source},
                {.fact = "ESTABLISHED", .value = grouped(u.established), .source = source}};
  return f;
}

/// Connections counted by peer, nearly all from one: the other end of a proxy that waits.
struct one_peer {
  tcp::address address;
  std::uint64_t count = 0;
  std::uint64_t all = 0;
};

one_peer largest_peer(const snapshot& s) {
  one_peer largest;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::unknown) continue;
    largest.all += g.count;
    if (g.count > largest.count) {
      largest.count = g.count;
      largest.address =
          g.key.remote.address.is_known() ? g.key.remote.address : g.key.local.address;
    }
  }
  return largest;
}

std::uint64_t open_connections(const snapshot& s) {
  std::uint64_t open = s.states().of(tcp::state::established);
  for (const auto& ns : s.namespaces) open = std::max(open, ns.totals.established.value_or(0));
  return open;
}

findings flood_of(const snapshot& s) {
  // More than a busy proxy keeps open to one back end, and nearly all that is open: four fifths.
  constexpr std::uint64_t flood = 5'000;
  constexpr std::uint64_t nearly_all_percent = 80;
  if (s.source == source_kind::live) return {};
  const auto peer = largest_peer(s);
  const auto open = open_connections(s);
  if (peer.count < flood || peer.count * 100 < peer.all * nearly_all_percent ||
      open * 100 < peer.count * nearly_all_percent) {
    return {};
  }
  finding f{.id = "application-stalled",
            .severity = severity::warning,
            .certainty = possible(
                "a load that needs so many: each is used, and answered",
                "whether their number falls with the load, and what waits in their queues"),
            .title = fmt::format("{} of {} open connections are with one address, {}: whatever "
                                 "serves it does not answer",
                                 grouped(peer.count), grouped(open), s.text_of(peer.address)),
            .subject = host_subject(s),
            .cause =
                "They stay ESTABLISHED and do not end: each waits for an answer. When the "
                "address is this host's own they are a proxy's connections to its back end, "
                "or a proxy that calls itself.",
            .remedies = remedies_for(s, {})};
  f.evidence = {{.fact = "connections with " + s.text_of(peer.address),
                 .value = fmt::format("{} of {}", grouped(peer.count), grouped(peer.all)),
                 .source = source_of(s)},
                {.fact = "ESTABLISHED", .value = grouped(open), .source = source_of(s)}};
  return {f};
}

/// Every worker is taken; what its remedy and cause are.
void word_no_worker(finding& f, const std::string& who, const std::string& how_many) {
  f.title = fmt::format("{} has no worker left: {} busy", who, how_many);
  f.cause =
      "Every worker or slot is taken, so new connections wait in the accept queue, or are "
      "refused. What the workers wait for decides: a slow dependency, clients that hold "
      "connections open, or a limit that is too low for the load.";
  f.remedies.push_back({.text =
                            "Raise the number once it is clear that they work and do not "
                            "wait: MaxRequestWorkers (Apache), pm.max_children (php-fpm), "
                            "worker_connections (nginx), maxThreads (Tomcat), maxconn (HAProxy)",
                        .command = {},
                        .risk = "memory and load on what they call",
                        .undo = {}});
}

/// Gauges of workers, all of which are busy.
findings busy_workers(const snapshot& s) {
  const auto out = std::ranges::find_if(
      s.pools, [](const connection_pool& p) { return p.of_workers && p.is_out(); });
  if (out == s.pools.end()) return {};
  finding f{.id = "application-stalled",
            .severity = severity::critical,
            .certainty = seen_full_once(),
            .subject = host_subject(s),
            .remedies = remedies_for(s, {})};
  const auto who =
      out->name.empty() ? out->program : fmt::format("{} ({})", out->program, out->name);
  f.subject.process = out->program;
  f.evidence.push_back({.fact = "busy workers",
                        .value = fmt::format("{} of {}", grouped(out->leased.value_or(0)),
                                             grouped(out->size.value_or(0))),
                        .source = source_of(s)});
  word_no_worker(f, who, fmt::format("all {} are", grouped(out->size.value_or(0))));
  return {f};
}

/// What a server's log or a dump of its threads says by itself.
findings stall_told(const snapshot& s) {
  const auto* locked = message_of(s, message_kind::lock_contended);
  const auto* said = locked != nullptr ? locked : message_of(s, message_kind::no_worker);
  if (said == nullptr) return busy_workers(s);
  finding f{.id = "application-stalled",
            .severity = severity::critical,
            .subject = host_subject(s),
            .remedies = remedies_for(s, {})};
  f.subject.process = said->program;
  f.evidence.push_back(message_evidence(*said));
  if (const auto held = s.states().of(tcp::state::close_wait); held > 0) {
    f.evidence.push_back({.fact = "in CLOSE-WAIT", .value = grouped(held), .source = source_of(s)});
  }
  const auto who = said->program.empty() ? std::string("the server") : said->program;
  if (locked != nullptr) {
    f.certainty =
        likely("a wait that ends by itself and was met at a busy moment",
               "a second dump some seconds later: the same threads wait in the same place");
    f.title = fmt::format("{}: the program stands still", locked->text);
    f.cause =
        "A lock that a thread holds and does not give back (a deadlock, a call under it that does "
        "not return) stops all that need it. So does a dependency that does not answer threads "
        "which wait for it without a time-out. Connections are then neither read "
        "nor closed, and clients that give up turn theirs into CLOSE-WAIT.";
  } else {
    word_no_worker(f, who, "all are");
  }
  return {f};
}

}  // namespace

findings application_stalled(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& load : seen.unread_loads) {
    if (found.size() == findings_max) break;
    if (is_stalled(s, load, seen.stuck_ports)) found.push_back(stall_of(s, load));
  }
  const auto& u = seen.undirected.front();
  if (u.cause == undirected_cause::stalled) found.push_back(stall_of(seen, u));
  if (found.empty()) found = stall_told(s);
  return found.empty() ? flood_of(s) : found;
}

}  // namespace waitstate::diagnosis
