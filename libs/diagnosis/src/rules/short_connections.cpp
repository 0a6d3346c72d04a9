#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "advice/ports.h"
#include "advice/reuse.h"
#include "advice/system.h"
#include "judgement/destination_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

/// Below about two closes a second nobody needs to hear of them.
constexpr std::uint64_t worth_a_word = 100;

std::optional<severity> severity_of(const destination_use& use) {
  const auto& headroom = use.headroom;
  if (use.by_proxy || use.is_probe || !use.is_churn()) return std::nullopt;
  if (use.is_over() && use.failure == nullptr) {
    return headroom.time_wait >= worth_a_word ? std::optional(severity::info) : std::nullopt;
  }
  if (use.failure != nullptr || takes_much_of(headroom)) {
    return severity::warning;
  }
  if (use.is_sample) return severity::warning;
  if (headroom.time_wait >= worth_a_word) return severity::info;
  return std::nullopt;
}

std::string title_of(const snapshot& s, const destination_use& use) {
  const auto& headroom = use.headroom;
  if (use.is_over()) {
    return fmt::format(
        "{} to {} in TIME-WAIT are of a program that made a new one for about every request and "
        "has ended or stopped: none came for 10 s",
        counted(headroom.time_wait, "connection"), destination_text(s, use));
  }
  return fmt::format("a new connection for about every request to {}: {} in TIME-WAIT, {} open{}",
                     destination_text(s, use), grouped(headroom.time_wait),
                     headroom.established == 0 ? "none" : grouped(headroom.established),
                     opener_text(s, use));
}

std::string cause_of(const snapshot& s, const destination_use& use) {
  std::string text =
      "TIME-WAIT is on this side, so this side closes first; next to nothing stays open, so each "
      "connection carries about one request and then keeps its port for " +
      time_wait_text(s) + ".";
  if (use.headroom.direction_guessed) {
    text +=
        " What was read does not show who opened them: if that port is a listener of this host's "
        "own, they are harmless.";
  } else if (use.is_sample) {
    text += " The rows are a fragment: how many there are in all is not known.";
  }
  return text;
}

certainty certainty_of(const destination_use& use) {
  if (use.headroom.direction_guessed) return taken_for_client(use);
  if (use.is_sample) return seen_in_a_sample();
  return use.opener != nullptr ? opener_concluded() : certainty{};
}

finding make(const picture& seen, const destination_use& use, severity how_bad) {
  const auto& s = seen.s;
  const auto& headroom = use.headroom;
  finding f{.id = "short-connections", .severity = how_bad, .title = title_of(s, use)};
  f.certainty = certainty_of(use);
  f.subject = subject_of(s, use);
  f.evidence = port_evidence(s, use);
  if (use.is_sample && s.statement) {
    f.evidence.push_back({"it says", s.statement->text, source_of(s)});
  }
  f.cause = cause_of(s, use);
  f.forecast = port_forecast(headroom);
  f.remedies = keep_connections({.runtime = use.connects,
                                 .port = headroom.destination.port,
                                 .destination = s.text_of(headroom.destination)});
  if (may_run_here(s)) f.remedies.push_back(keep_beside());
  if (how_bad > severity::info) {
    std::ranges::move(find_more_ports(seen, headroom.net_namespace, true),
                      std::back_inserter(f.remedies));
  }
  return f;
}

/// The smallest range that connect() may have: 16,384 ports on Windows and macOS, where TIME-WAIT
/// is all that was counted and nothing tells the system.
std::uint64_t ports_of_any_system(const picture& seen) {
  constexpr std::uint64_t smallest = 16'384;
  const auto usable = seen.ports.supply(0).usable();
  const bool is_told = seen.s.host.os != os_family::unknown || !seen.ports.supply(0).range_assumed;
  const auto states = seen.s.states();
  const bool is_alone = states.total() == states.of(tcp::state::time_wait);
  return is_told || !is_alone ? usable : std::min<std::uint64_t>(usable, smallest);
}

/// Ports in use beyond those of open sockets are TIME-WAIT's, each one its own: a server's share
/// the few ports that it listens on.
std::uint64_t ports_of_time_wait(const snapshot& s) {
  const auto& totals = s.namespaces[0].totals;
  const auto open = totals.in_use.value_or(0);
  const auto ports = totals.local_ports.value_or(0);
  return totals.in_use && ports > open ? ports - open : 0;
}

/// TIME-WAIT that is counted and not placed: more than connect() has ports, and next to nothing
/// open. On either side that is a connection for each request.
std::optional<finding> from_counts(const picture& seen) {
  const auto& s = seen.s;
  const auto count = seen.unplaced_time_wait;
  const auto ports = ports_of_any_system(seen);
  const auto own_ports = ports_of_time_wait(s);
  // Half of them are on a port of their own, so they are a client's, for whom a quarter is much.
  const bool is_client = own_ports * 2 >= count;
  const auto much = is_client ? ports / 4 : ports;
  if (s.source != source_kind::pasted || ports == 0 || count < much) return std::nullopt;
  // Where a connect() failed, its finding speaks of them.
  if (std::ranges::any_of(seen.uses, &destination_use::is_failing)) return std::nullopt;
  const auto& totals = s.namespaces[0].totals;
  const auto open = std::max({s.states().of(tcp::state::established),
                              totals.established.value_or(0), totals.in_use.value_or(0)});
  // A server that keeps connections has more of them open than it closes in three seconds, a
  // twentieth of TIME-WAIT's minute.
  constexpr std::uint64_t closed_for_each_open = 20;
  if (open * closed_for_each_open > count) return std::nullopt;
  finding f{.id = "short-connections",
            .severity = severity::warning,
            .certainty = possible("a server's connections that it closed first, which hold no port",
                                  "the peers' ports in their rows: many with one remote port are a "
                                  "client's"),
            .title = fmt::format("a new connection for about every request: {} in TIME-WAIT, {} "
                                 "open; {} ({})",
                                 grouped(count), open == 0 ? "none seen" : grouped(open),
                                 is_client ? "connect() has few ports for each destination"
                                           : "as many as there are ports",
                                 grouped(ports)),
            .subject = host_subject(s)};
  f.evidence.push_back({"sockets in TIME-WAIT, neither end shown", grouped(count), source_of(s)});
  if (open > 0) f.evidence.push_back({"open", grouped(open), source_of(s)});
  f.evidence.push_back({"ports that connect() has for one destination", grouped(ports),
                        seen.ports.supply(0).range_assumed ? "assumed" : "sysctl"});
  if (is_client) {
    f.certainty = {};
    f.evidence.push_back(
        {"local ports that TIME-WAIT alone holds", "at least " + grouped(own_ports), source_of(s)});
    f.cause = fmt::format(
        "Each waits {} after this side closed first, so about {} connections a second are opened "
        "and "
        "closed. They hold far more local ports than there are open sockets, so this host opened "
        "them: those that a server accepted share the port it listens on.",
        time_wait_text(s), grouped(count / 60));
    f.remedies = keep_connections({});
    return f;
  }
  f.cause = fmt::format(
      "Each waits {} after this side closed first, so about {} connections a second are opened "
      "and closed. What was read does not tell which side opened them: a client's hold a port "
      "each, and to one destination there are no more than that; a server's block no port and "
      "cost only the handshakes. The peers' ports decide: many rows with one remote port are a "
      "client's.",
      time_wait_text(s), grouped(count / 60));
  f.remedies.push_back({.text = "See which side they are on, and whom they are with",
                        .command = std::string(advice_for(system_of(s)).count_time_wait_ports),
                        .risk = {},
                        .undo = {}});
  std::ranges::move(keep_connections({}), std::back_inserter(f.remedies));
  return f;
}

}  // namespace

findings short_connections(const picture& seen) {
  findings found;
  for (const auto& use : seen.uses) {
    if (const auto how_bad = severity_of(use)) found.push_back(make(seen, use, *how_bad));
    if (found.size() == findings_max) break;
  }
  if (found.empty()) {
    if (auto f = from_counts(seen)) found.push_back(std::move(*f));
  }
  return found;
}

}  // namespace waitstate::diagnosis
