#include <chrono>
#include <cstdint>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "advice/close.h"
#include "judgement/close_wait_piles.h"
#include "judgement/leak_or_stale_pool.h"
#include "judgement/other_end.h"
#include "judgement/what_is_shown.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::size_t evidence_max = 3;

/// So many that nobody used for ten minutes are a pool that is far too large, not one between
/// calls.
constexpr std::uint64_t unused_min = 10;

/// The server's idle time-out, as the shortest of them has it: "5.0 s".
std::string idle_text(const socket_group& g) {
  const auto ms = g.idle_before_fin_min_ms;
  return ms < 60'000 ? fmt::format("{:.1f} s", ms / 1000.0)
                     : elapsed(std::chrono::milliseconds(ms));
}

std::string title_of(const snapshot& s, const holding& h) {
  const auto owner = owner_text(s, h.total.owner);
  const auto& first = h.piles.front();
  const auto peer = h.piles.size() == 1 ? known_text(s, first.endpoint)
                                        : grouped(h.piles.size()) + " destinations";
  const auto& g = h.total.close_wait;
  return fmt::format(
      "{} {}{} that the peer closed {}", owner.empty() ? "a program here keeps" : owner + " keeps",
      counted(g.count, "connection"), peer.empty() ? "" : " to " + peer,
      is_idle_pool(g) ? fmt::format("after {} idle", idle_text(g)) : std::string("while idle"));
}

std::string cause_of_staleness(const snapshot& s, const holding& h) {
  auto cause = std::string(
      "The peer ended idle keep-alive connections, and the pool that holds them has not noticed: "
      "it looks at a connection only when it lends it. The next request on one fails or is retried "
      "at once.");
  if (const auto meaning = queue_meaning(s, h.total.close_wait); !meaning.empty()) {
    cause += " " + meaning;
  }
  if (is_idle_pool(h.total.close_wait)) {
    cause += fmt::format(
        " All of them were closed {} after their last data: that is the peer's idle time-out, and "
        "the pool keeps them longer.",
        idle_text(h.total.close_wait));
  }
  if (h.total.established.count == 0 && s.source == source_kind::pasted) {
    cause += " If their number grows from one look to the next it is a leak instead.";
  }
  return cause;
}

/// With live connections beside them they are a pool's leftovers. When they are all that somebody
/// pasted, they are what that person worries about, and nothing shows that the pool still works.
severity severity_of(const snapshot& s, const holding& h) {
  const auto& g = h.total.close_wait;
  // In a whole table, goodbyes that nobody has read yet are what a browser always has.
  const bool is_the_subject = s.source == source_kind::pasted && h.total.established.count == 0 &&
                              !(said_goodbye(g) && shows_whole_table(s));
  // Ten minutes without one use: a pool that works would have met some of them.
  const auto unused = std::accumulate(g.age.count.begin() + 4, g.age.count.end(), std::uint64_t{0});
  const bool is_unused =
      h.total.established.count == 0 && g.count >= unused_min && unused == g.count;
  return is_the_subject || is_unused || is_growing(s, g) ? severity::warning : severity::info;
}

/// Equal idle times are the server's time-out, and nothing else.
certainty certainty_of(const holding& h) {
  if (is_idle_pool(h.total.close_wait)) return {};
  return likely("a leak: connections that the program has lost and never closes",
                "a second look, --interval 10s or the same command again: a pool's number falls, a "
                "leak's stays or grows");
}

finding staleness_of(const snapshot& s, const holding& h) {
  finding f{.id = "stale-pooled-connections",
            .severity = severity_of(s, h),
            .certainty = certainty_of(h),
            .title = title_of(s, h),
            .subject = s.owner_of(h.total.owner) != nullptr
                           ? process_subject(s, h.total.owner)
                           : destination_subject(s, h.piles.front().endpoint, h.total.owner,
                                                 h.total.net_namespace),
            .cause = cause_of_staleness(s, h),
            .remedies = {evict_idle(runtime_for(s, h.total.owner)),
                         close_on_every_path(runtime_for(s, h.total.owner))}};
  for (const auto& p : h.piles) {
    if (f.evidence.size() == evidence_max) break;
    const auto peer = known_text(s, p.endpoint);
    f.evidence.push_back(count_evidence(s, p, peer.empty() ? "" : "to " + peer));
  }
  add_other_end(s,
                {.net_namespace = h.total.net_namespace,
                 .side = direction::outbound,
                 .endpoint = h.piles.front().endpoint},
                f.evidence);
  for (auto& e : pile_evidence(s, h.total)) f.evidence.push_back(std::move(e));
  return f;
}

/// Where the pool's line is all there is.
finding staleness_told_by(const snapshot& s, const message& said) {
  const auto runtime = runtime_of_message(said);
  finding f{
      .id = "stale-pooled-connections",
      .severity = severity::warning,
      .certainty = likely("a server that crashed, was restarted, or gave up under load",
                          "how long the connection had been idle: the same time each time is a "
                          "time-out, anything from nothing on is not"),
      .title = "a pool kept connections that the server had closed",
      .subject = said.endpoint ? destination_subject(s, *said.endpoint, {}, 0) : host_subject(s),
      .evidence = {message_evidence(said)},
      .cause =
          "The server, or a device between, ends idle connections sooner than the pool does. "
          "The pool finds them dead when it looks at them before it lends them, and the "
          "caller waits for another one.",
      .remedies = {evict_idle(runtime)}};
  f.subject.process = said.program;
  return f;
}

}  // namespace

findings stale_pooled_connections(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& h : seen.outbound) {
    if (found.size() == findings_max) break;
    if (judge_outbound(s, h) == outbound_judgement::stale_pool) {
      found.push_back(staleness_of(s, h));
    }
  }
  const auto* said = message_of(s, message_kind::stale_connection);
  if (found.empty() && said != nullptr) found.push_back(staleness_told_by(s, *said));
  return found;
}

}  // namespace waitstate::diagnosis
