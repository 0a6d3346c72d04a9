#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "advice/backlog.h"
#include "advice/settings.h"
#include "judgement/accept_queue.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::string_view overflows_counter = "TcpExt.ListenOverflows";

/// Overflows that the counters show: between two looks, or since boot.
struct counted_overflows {
  std::uint32_t net_namespace = 0;
  double per_second = 0;
  std::uint64_t since_boot = 0;
  /// Connections since boot: Tcp.PassiveOpens, or where that is not shown those that ended in
  /// TIME-WAIT here.
  std::uint64_t accepted = 0;
};

counted_overflows overflows_of(const snapshot& s, std::uint32_t index) {
  const auto& ns = s.namespaces[index];
  return {.net_namespace = index,
          .per_second = ns.counter_rate(overflows_counter).value_or(0),
          .since_boot = ns.counter(overflows_counter).value_or(0),
          .accepted = ns.counter("Tcp.PassiveOpens").value_or(ns.counter("TcpExt.TW").value_or(0))};
}

/// Fewer since boot are one bad minute of an old host, such as its start.
constexpr std::uint64_t since_boot_min = 100;
/// One in so many that were accepted.
constexpr std::uint64_t accepted_for_each = 1'000;

/// Now: warning. At some time since boot, at more than one in a thousand: worth a word live, where
/// nothing overflows now, and a warning in a paste, which somebody took in a trouble; there fewer
/// are worth a word.
std::optional<severity> severity_of(const snapshot& s, const counted_overflows& o) {
  if (o.per_second > 0) return severity::warning;
  if (o.since_boot < since_boot_min) return std::nullopt;
  const bool is_much = o.since_boot * accepted_for_each >= o.accepted;
  if (s.source == source_kind::pasted) return is_much ? severity::warning : severity::info;
  return is_much ? std::optional(severity::info) : std::nullopt;
}

const message* overflow_message(const snapshot& s) {
  const auto* said = message_of(s, message_kind::listen_overflow);
  if (said == nullptr) said = message_of(s, message_kind::syn_flood);
  return said != nullptr ? said : message_of(s, message_kind::syn_dropped);
}

/// The listener that the message is about, or else the one with the shortest queue.
const listener* suspect(const snapshot& s, std::uint32_t net_namespace, const message* said) {
  const listener* shortest = nullptr;
  for (const auto& l : s.listeners) {
    if (l.net_namespace != net_namespace) continue;
    if (said != nullptr && said->endpoint && said->endpoint->port != 0) {
      if (l.local.port == said->endpoint->port) return &l;
      continue;
    }
    if (l.backlog.value_or(0) == 0) continue;
    if (shortest == nullptr || l.backlog < shortest->backlog) shortest = &l;
  }
  return shortest;
}

std::string where_text(const snapshot& s, const message* said, const listener* l) {
  if (said != nullptr && said->endpoint && said->endpoint->port != 0) {
    return fmt::format("port {}", said->endpoint->port);
  }
  return l != nullptr && s.listeners.size() == 1 ? s.text_of(l->local) : "a listener";
}

std::vector<evidence> proof_of(const snapshot& s, const counted_overflows& o, const message* said,
                               const listener* l) {
  std::vector<evidence> proof;
  if (said != nullptr) proof.push_back(message_evidence(*said));
  if (o.since_boot > 0) {
    auto value = grouped(o.since_boot) + " since boot";
    if (o.per_second > 0) value += fmt::format(", now {} a second", rate(o.per_second));
    proof.push_back({.fact = std::string(overflows_counter), .value = value, .source = "netstat"});
  }
  if (l != nullptr && l->backlog.value_or(0) > 0) {
    proof.push_back({.fact = "accept queue of " + s.text_of(l->local),
                     .value = fmt::format("{} of {}", grouped(l->accept_queue.value_or(0)),
                                          grouped(l->backlog.value_or(0))),
                     .source = source_of(s)});
  }
  const auto somaxconn = setting_text(s, o.net_namespace, "net.core.somaxconn");
  if (somaxconn != "unknown") proof.push_back(setting_evidence("net.core.somaxconn", somaxconn));
  const auto syn_backlog = setting_text(s, o.net_namespace, "net.ipv4.tcp_max_syn_backlog");
  if (said != nullptr && syn_backlog != "unknown") {
    proof.push_back(setting_evidence("net.ipv4.tcp_max_syn_backlog", syn_backlog));
  }
  return proof;
}

std::string title_of(const snapshot& s, const counted_overflows& o, const message* said,
                     const listener* l) {
  const auto where = where_text(s, said, l);
  if (said != nullptr && said->kind == message_kind::syn_dropped) {
    return "the kernel drops connection requests: the queue of handshakes is nearly full and no "
           "cookies are sent";
  }
  if (said != nullptr && said->kind == message_kind::syn_flood) {
    return fmt::format(
        "the queue of {} overflowed and the kernel sent cookies: its backlog is too "
        "short for the rate of new connections",
        where);
  }
  if (said != nullptr) {
    const auto queued =
        said->queued ? fmt::format(" with {} waiting", grouped(*said->queued)) : std::string();
    return fmt::format("the accept queue of {} overflowed{}: its backlog is too short", where,
                       queued);
  }
  if (o.per_second > 0) {
    return fmt::format("accept queues overflow {} times a second", rate(o.per_second));
  }
  return fmt::format("accept queues overflowed {} since boot", counted(o.since_boot, "time"));
}

certainty certainty_of(const message* said) {
  const bool is_about_handshakes = said != nullptr && (said->kind == message_kind::syn_flood ||
                                                       said->kind == message_kind::syn_dropped);
  if (is_about_handshakes) {
    return likely("SYNs with forged addresses: a flood",
                  "who is in SYN-RECEIVED: clients that you know, or thousands of strangers");
  }
  return likely("a program that stops accepting for moments: a collection, a lock, a slow start",
                "the queue between overflows, twice a second: `ss -tln`; where it stands full for "
                "long, the program is the cause");
}

finding overflow_finding(const snapshot& s, severity level, const counted_overflows& o,
                         const message* said) {
  const auto* l = suspect(s, o.net_namespace, said);
  finding f{.id = "listen-backlog-too-small",
            .severity = level,
            .certainty = certainty_of(said),
            .title = title_of(s, o, said, l),
            .subject = l != nullptr ? listener_subject(s, l->local, l->owner, l->net_namespace)
                                    : namespace_subject(s, o.net_namespace),
            .evidence = proof_of(s, o, said, l),
            .cause =
                "More connections arrived between two calls of accept() than the listener's "
                "backlog takes; no queue is seen standing full. "
                "The kernel dropped the rest (or answered with SYN cookies), and those "
                "clients waited a second or more for their retry.",
            .remedies = listen_longer(s, o.net_namespace, l != nullptr ? l->owner : owner_ref{},
                                      said != nullptr ? said->queued.value_or(0) : 0)};
  if (l == nullptr && said != nullptr && said->endpoint) {
    f.subject = listener_subject(s, *said->endpoint, {}, 0);
  }
  const bool is_linux = system_of(s) == os_family::linux_kernel;
  if (is_linux && said != nullptr && said->kind == message_kind::syn_dropped) {
    f.remedies.push_back(sysctl_remedy(
        s, {.net_namespace = o.net_namespace,
            .key = "net.ipv4.tcp_syncookies",
            .value = "1",
            .text = "Let the kernel answer with cookies when that queue is full (the default), "
                    "and raise net.ipv4.tcp_max_syn_backlog",
            .risk = {}}));
  }
  return f;
}

/// The queue is seen full, and what waits in it came a moment ago.
finding overrun_finding(const snapshot& s, const listener& l) {
  auto f = overflow_finding(s, severity::warning, overflows_of(s, l.net_namespace), nullptr);
  f.title = fmt::format(
      "the accept queue of {} is full: {} wait where {} may, none for a second yet",
      s.text_of(l.local), grouped(l.accept_queue.value_or(0)), grouped(l.backlog.value_or(0)));
  f.subject = listener_subject(s, l.local, l.owner, l.net_namespace);
  f.cause =
      "Connections come in bursts that are longer than the listener's backlog. The program does "
      "accept: nothing has waited for a second. Meanwhile the kernel drops what does not fit, and "
      "those clients wait a second or more for their retry.";
  return f;
}

constexpr std::size_t overrun_max = 2;

}  // namespace

findings listen_backlog_too_small(const picture& seen) {
  const auto& s = seen.s;
  if (!seen.stuck_ports.empty() || queue_said_to_stand(s) != nullptr) return {};
  if (const auto* said = overflow_message(s)) {
    return {overflow_finding(s, severity::warning, overflows_of(s, 0), said)};
  }
  findings found;
  for (const auto* l : overrun_listeners(s)) {
    if (found.size() == overrun_max) break;
    found.push_back(overrun_finding(s, *l));
  }
  if (!found.empty()) return found;
  for (std::uint32_t i = 0; i < s.namespaces.size(); ++i) {
    const auto o = overflows_of(s, i);
    if (const auto level = severity_of(s, o)) {
      found.push_back(overflow_finding(s, *level, o, nullptr));
    }
  }
  return found;
}

}  // namespace waitstate::diagnosis
