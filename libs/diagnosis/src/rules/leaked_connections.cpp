#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "advice/close.h"
#include "judgement/close_wait_piles.h"
#include "judgement/growing_connections.h"
#include "judgement/leak_or_stale_pool.h"
#include "judgement/most_first.h"
#include "judgement/other_end.h"
#include "judgement/undirected_close_wait.h"
#include "judgement/unread_response.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::size_t peers_shown = 5;

bool told_of_failure(const snapshot& s) {
  const bool is_waited_for = std::ranges::any_of(s.pools, [](const connection_pool& p) {
    return !p.of_workers && p.is_out() && p.waiting.value_or(0) > 0;
  });
  return is_waited_for || message_of(s, message_kind::pool_exhausted) != nullptr ||
         message_of(s, message_kind::too_many_open_files) != nullptr;
}

std::string peers_text(const snapshot& s, const holding& h) {
  const auto& first = h.piles.front();
  if (h.piles.size() == 1) return known_text(s, first.endpoint);
  const bool same_port = std::ranges::all_of(h.piles, [&](const pile& p) {
    return p.endpoint.port == first.endpoint.port && p.endpoint.port != 0;
  });
  const auto destinations = grouped(h.piles.size()) + " destinations";
  return same_port ? fmt::format("{} on port {}", destinations, first.endpoint.port)
                   : fmt::format("{}, most to {}", destinations, known_text(s, first.endpoint));
}

std::string title_of(const snapshot& s, const holding& h, const pile* pool) {
  const auto owner = owner_text(s, h.total.owner);
  const auto peers = peers_text(s, h);
  const auto to = peers.empty() ? "" : " to " + peers;
  auto title = fmt::format("{} {}{} that the peer closed",
                           owner.empty() ? "a program here holds" : owner + " holds",
                           counted(h.total.close_wait.count, "connection"), to);
  if (pool != nullptr) {
    return title + (h.piles.size() == 1
                        ? fmt::format(": a pool of {} with every lease lost",
                                      grouped(pool->close_wait.count))
                        : fmt::format(": {} of them are a pool with every lease lost",
                                      grouped(pool->close_wait.count)));
  }
  if (is_growing(s, h.total.close_wait)) {
    return title + fmt::format(", {} more every second",
                               rate(h.total.close_wait.growth_per_second.value_or(0)));
  }
  const auto oldest = oldest_text(h.total.close_wait);
  return oldest.empty() || h.total.close_wait.age.over_a_minute() == 0 ? title
                                                                       : title + ", " + oldest;
}

std::string cause_of_leak(const snapshot& s, const holding& h, const pile* pool) {
  auto cause = std::string(
      "The peer closed first; the kernel told the program and waits in CLOSE-WAIT for its close(), "
      "which does not come: a leak.");
  if (const auto meaning = queue_meaning(s, h.total.close_wait); !meaning.empty()) {
    cause += " " + meaning;
  }
  if (pool != nullptr) {
    cause += fmt::format(
        " {} is a round number and nothing is ESTABLISHED to that peer: it looks like the limit of "
        "a pool that has nothing left to lend.",
        grouped(pool->close_wait.count));
  }
  return cause;
}

std::vector<remedy> remedies_for(const snapshot& s, const holding& h) {
  const auto runtime = runtime_for(s, h.total.owner);
  std::vector<remedy> remedies{close_on_every_path(runtime), evict_idle(runtime)};
  const auto& largest = h.piles.front();
  if (auto now =
          close_from_outside(s, largest.net_namespace, direction::outbound, largest.endpoint)) {
    remedies.push_back(std::move(*now));
  }
  return remedies;
}

subject subject_of(const snapshot& s, const holding& h) {
  if (s.owner_of(h.total.owner) != nullptr) return process_subject(s, h.total.owner);
  const auto& peer = h.piles.front().endpoint;
  return known_text(s, peer).empty()
             ? host_subject(s)
             : destination_subject(s, peer, h.total.owner, h.total.net_namespace);
}

std::vector<evidence> proof_of(const snapshot& s, const holding& h) {
  std::vector<evidence> proof;
  for (const auto& p : h.piles) {
    if (proof.size() == peers_shown) break;
    const auto peer = known_text(s, p.endpoint);
    proof.push_back(count_evidence(s, p, peer.empty() ? "" : "to " + peer));
  }
  add_other_end(s,
                {.net_namespace = h.total.net_namespace,
                 .side = direction::outbound,
                 .endpoint = h.piles.front().endpoint},
                proof);
  std::ranges::move(pile_evidence(s, h.total), std::back_inserter(proof));
  for (const auto kind : {message_kind::pool_exhausted, message_kind::too_many_open_files}) {
    if (const auto* said = message_of(s, kind)) proof.push_back(message_evidence(*said));
  }
  return proof;
}

severity severity_of(const snapshot& s, const holding& h, const pile* pool) {
  const auto use = descriptors_of(s, h.total.owner, h.total.close_wait.count);
  const bool hits_a_limit = pool != nullptr || eats_descriptors(use) || told_of_failure(s);
  return hits_a_limit ? severity::critical : severity::warning;
}

/// A number that grows or that no pool has, a program that has read the FIN and keeps the socket,
/// callers that wait: a pool that works shows none of these.
certainty certainty_of(const snapshot& s, const holding& h, const pile* pool) {
  // By the number alone; it is critical only where it is a pool's.
  if (pool != nullptr && s.source == source_kind::live && !told_of_failure(s)) {
    return likely("a program without a pool whose leak was met at a round number",
                  "the number later, while it is used: a pool's stays, another one grows");
  }
  const auto& g = h.total.close_wait;
  const bool has_read_the_end = g.receive_queue_empty * 2 >= g.count && g.receive_queue_empty > 0;
  constexpr std::uint64_t beyond_any_pool = 1'000;
  const bool is_proven = is_growing(s, g) || has_read_the_end || g.count >= beyond_any_pool;
  if (is_proven || told_of_failure(s)) return {};
  return may_close_yet(direction::outbound);
}

finding leak_of(const snapshot& s, const holding& h) {
  const auto* pool = pool_at_limit(s, h);
  return {.id = "leaked-connections",
          .severity = severity_of(s, h, pool),
          .certainty = certainty_of(s, h, pool),
          .title = title_of(s, h, pool),
          .subject = subject_of(s, h),
          .evidence = proof_of(s, h),
          .cause = cause_of_leak(s, h, pool),
          .forecast = close_wait_forecast(s, h.total),
          .remedies = remedies_for(s, h)};
}

/// Undirected sockets as a holding of one pile, so that they are worded like all others.
holding holding_of(const undirected_close_wait& u) {
  pile p{.owner = u.owner,
         .endpoint = {.address = {}, .port = u.port},
         .close_wait = u.close_wait,
         .peers = u.peers,
         .is_rows = u.is_rows};
  p.established.count = u.established;
  return {.total = p, .piles = {p}};
}

finding undirected_leak_of(const snapshot& s, const undirected_close_wait& u) {
  auto f = leak_of(s, holding_of(u));
  f.certainty = taken_for_end(direction::outbound);
  f.cause +=
      " What was pasted does not say which end these sockets are; what else it shows "
      "speaks for a client's.";
  f.remedies.insert(f.remedies.begin(), show_holders(s));
  return f;
}

finding unread_finding(const snapshot& s, const unread_response& u) {
  const auto owner = owner_text(s, u.owner);
  const auto peer = known_text(s, u.destination);
  const auto longest = elapsed(std::chrono::milliseconds(u.unread_for_ms));
  const auto runtime = runtime_for(s, u.owner);
  return {
      .id = "leaked-connections",
      .severity = severity::warning,
      .certainty = likely("a stream that is read slowly on purpose, as a paused download is",
                          "a second look: whether their unread bytes change"),
      .title = fmt::format("{} {} open{} with {} that nobody has read, the oldest for {}",
                           owner.empty() ? "a program here holds" : owner + " holds",
                           counted(u.count, "connection"), peer.empty() ? "" : " to " + peer,
                           bytes(u.unread_bytes), longest),
      .subject = s.owner_of(u.owner) != nullptr
                     ? process_subject(s, u.owner)
                     : destination_subject(s, u.destination, u.owner, u.net_namespace),
      .evidence = {{.fact = "ESTABLISHED with unread data for over a second",
                    .value = fmt::format("{} of {}", grouped(u.count), grouped(u.established)),
                    .source = source_of(s)},
                   {.fact = "unread",
                    .value = fmt::format("{}, the oldest for {}", bytes(u.unread_bytes), longest),
                    .source = source_of(s)}},
      .cause =
          "The peer answered and the program does not read: responses whose bodies are neither "
          "consumed nor closed, or streams that nobody reads any more. The peer cannot finish "
          "sending, so neither side ends them.",
      .forecast = "each holds a descriptor and a port for as long as the program lives",
      .remedies = {close_on_every_path(runtime), show_threads(s, runtime, s.owner_of(u.owner))}};
}

finding growth_of(const snapshot& s, const growing_connections& g) {
  const auto owner = owner_text(s, g.owner);
  const auto peer = known_text(s, g.destination);
  const auto runtime = runtime_for(s, g.owner);
  const bool is_live = s.source == source_kind::live;
  const auto so_far = g.looks == 1 ? grouped(g.last)
                                   : fmt::format("{} to {} in {}", grouped(g.first),
                                                 grouped(g.last), counted(g.looks, "look"));
  finding f{
      .id = "leaked-connections",
      .severity = severity::warning,
      .title =
          fmt::format("the open connections{}{} only grow: {}", owner.empty() ? "" : " of " + owner,
                      peer.empty() ? "" : " to " + peer, so_far),
      .subject = s.owner_of(g.owner) != nullptr ? process_subject(s, g.owner)
                 : peer.empty()                 ? host_subject(s)
                                : destination_subject(s, g.destination, g.owner, g.net_namespace),
      .evidence = {{.fact = g.looks == 1 ? "ESTABLISHED" : "ESTABLISHED, first and last look",
                    .value = g.looks == 1
                                 ? grouped(g.last) + ", each used once, one after the other"
                                 : fmt::format("{} and {}", grouped(g.first), grouped(g.last)),
                    .source = source_of(s)}},
      .cause =
          "A program opens a connection, keeps it open, and opens another for the next call: "
          "one client object for each call, or a pool that never gets its connections back. "
          "Keep-alive holds each one open, so that neither side ends it.",
      .forecast = "each takes a descriptor here and a slot at the peer, until either runs out",
      .remedies = {close_on_every_path(runtime), evict_idle(runtime),
                   show_threads(s, runtime, s.owner_of(g.owner))}};
  f.certainty = is_live ? likely("a load that rises, with calls that take longer than ten seconds",
                                 "whether their number falls when the load does")
                        : possible("a load that rises, or clients of this host that come",
                                   "whether their number falls when the load does, and which side "
                                   "opened them");
  if (g.per_second > 0) {
    f.title += fmt::format(", {} more every second", rate(g.per_second));
    if (const auto use = descriptors_of(s, g.owner, g.last); use && use->limit > use->open) {
      const auto left = use->limit - use->open;
      f.forecast = fmt::format(
          "{} of {} descriptors are left: gone in {}", grouped(left), grouped(use->limit),
          elapsed(std::chrono::milliseconds(
              static_cast<std::int64_t>(static_cast<double>(left) / g.per_second * 1'000))));
    }
  }
  if (is_live) {
    f.evidence.push_back({.fact = "of them idle for ten seconds or longer",
                          .value = grouped(g.unused),
                          .source = source_of(s)});
  }
  return f;
}

/// What a pool's leak detector, or a finalizer, says by itself.
findings leak_told(const snapshot& s) {
  const auto* said = message_of(s, message_kind::lease_leaked);
  if (said == nullptr) return {};
  const auto often = messages_of(s, message_kind::lease_leaked);
  const auto runtime = runtime_of_message(*said);
  finding f{.id = "leaked-connections",
            .severity = told_of_failure(s) ? severity::critical : severity::warning,
            .certainty = likely("a call that takes longer than the pool's leak detector waits",
                                "whether the pool says later that it was given back after all, and "
                                "whether the number of leases falls when the load does"),
            .title = fmt::format("{} was lent and not given back{}",
                                 said->program.empty() ? "a connection of a pool"
                                                       : said->program + ": a pooled connection",
                                 often > 1 ? fmt::format(", {} times", grouped(often)) : ""),
            .subject = host_subject(s),
            .cause =
                "The pool lent a connection and waits for it in vain: a path through the program, "
                "often that of an error, does not close it. The stack trace below the line shows "
                "who took it. Each one makes the pool smaller, until callers wait for nothing.",
            .forecast = "the pool runs dry, and its callers wait until they time out",
            .remedies = {close_on_every_path(runtime)}};
  f.subject.process = said->program;
  f.evidence.push_back(message_evidence(*said));
  for (const auto kind : {message_kind::pool_exhausted, message_kind::too_many_open_files}) {
    if (const auto* beside = message_of(s, kind)) f.evidence.push_back(message_evidence(*beside));
  }
  return {f};
}

}  // namespace

findings leaked_connections(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& h : seen.outbound) {
    if (found.size() == findings_max) break;
    if (judge_outbound(s, h) == outbound_judgement::leak) found.push_back(leak_of(s, h));
  }
  for (const auto& u : unread_responses(s)) {
    if (found.size() >= findings_max) break;
    found.push_back(unread_finding(s, u));
  }
  if (found.empty()) {
    for (const auto& g : growing_connections_of(s)) {
      if (found.size() >= findings_max) break;
      found.push_back(growth_of(s, g));
    }
  }
  for (const auto& u : seen.undirected) {
    if (found.size() >= findings_max) break;
    if (u.cause == undirected_cause::client) found.push_back(undirected_leak_of(s, u));
  }
  if (found.empty()) return leak_told(s);
  sort_most_first(found, &finding::severity);
  return found;
}

}  // namespace waitstate::diagnosis
