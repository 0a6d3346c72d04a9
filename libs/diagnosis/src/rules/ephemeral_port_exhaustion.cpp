#include <algorithm>
#include <chrono>
#include <iterator>

#include <optional>
#include <utility>

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

/// Nothing for a destination with ports enough.
std::optional<severity> severity_of(const destination_use& use) {
  const auto& headroom = use.headroom;
  if (use.failure != nullptr) return severity::critical;
  if (headroom.flows == 0) return std::nullopt;
  if (headroom.is_exhausted()) return severity::critical;
  if (headroom.scans_both_parities() || headroom.exhausted_in) return severity::warning;
  return std::nullopt;
}

std::string title_of(const snapshot& s, const destination_use& use) {
  const auto& headroom = use.headroom;
  const auto to = destination_text(s, use);
  const auto usable = grouped(headroom.supply.usable());
  if (headroom.flows == 0) return fmt::format("connect() finds no free port to {}", to);
  const auto in_use = fmt::format("{} of {} in use, {}{}", grouped(headroom.used()), usable,
                                  states_text(headroom), opener_text(s, use));
  if (headroom.free == 0) return fmt::format("no ports left to {}: {}", to, in_use);
  if (use.failure != nullptr && !headroom.is_exhausted()) {
    return fmt::format("connect() found no free port to {}: {}", to, states_text(headroom));
  }
  if (headroom.is_exhausted() || headroom.scans_both_parities()) {
    return fmt::format("{} left to {}: {}", counted(headroom.free, "port"), to, in_use);
  }
  return fmt::format("the ports to {} run out in {}: {}", to,
                     elapsed(headroom.exhausted_in.value_or(std::chrono::seconds(0))), in_use);
}

std::string cause_of(const snapshot& s, const destination_use& use) {
  const auto& headroom = use.headroom;
  std::string text =
      "Each connection to one destination needs a local port of its own, whatever its state. ";
  const auto most = std::max({headroom.time_wait, headroom.established, headroom.fin_wait_2});
  if (headroom.flows == 0) {
    text +=
        "The program got EADDRNOTAVAIL (\"Cannot assign requested address\"): none was left. "
        "Connections that are opened and closed for each request do this: the side that closes "
        "first keeps the port in TIME-WAIT for ";
    text += time_wait_text(s) + ".";
  } else if (most == headroom.time_wait) {
    text += "This side closed these connections first, so each keeps its port in TIME-WAIT for " +
            time_wait_text(s) + ": one connection for each request uses up the range.";
  } else if (most == headroom.fin_wait_2) {
    text +=
        "The peer does not close its side, so these wait in FIN-WAIT-2; tcp_tw_reuse cannot "
        "take over their ports.";
  } else {
    text += "Most of these are open: a pool without a bound, or connections that are never closed.";
  }
  if (headroom.scans_both_parities() && headroom.flows > 0 && headroom.free > 0) {
    text +=
        " Over half of the ports are used, so that connect() already searches both parities "
        "and takes longer for each.";
  }
  return text;
}

certainty certainty_of(const destination_use& use) {
  if (use.headroom.direction_guessed) return taken_for_client(use);
  if (use.headroom.supply.range_from_ports) {
    return likely("a range that reaches further than the ports that were seen",
                  "`sysctl net.ipv4.ip_local_port_range`");
  }
  if (use.headroom.flows > 0) return {};
  return likely(
      "the address to connect from is not this host's: one that is bound before, or no "
      "IPv6 address",
      "how many sockets this host has to that destination: thousands where ports are "
      "lacking, few where the address is");
}

finding make(const picture& seen, const destination_use& use, severity how_bad) {
  const auto& s = seen.s;
  const auto& headroom = use.headroom;
  finding f{.id = "ephemeral-port-exhaustion", .severity = how_bad, .title = title_of(s, use)};
  f.certainty = certainty_of(use);
  f.subject = subject_of(s, use);
  f.evidence = port_evidence(s, use);
  if (const auto others = seen.unplaced_time_wait; others > 0 && headroom.time_wait < others) {
    f.evidence.push_back({"in TIME-WAIT, destination not shown", grouped(others), source_of(s)});
  }
  // A proxy's, and yet not for each request one: the text says that as many stand as there are
  // ports.
  const bool stand = use.failure != nullptr && use.failure->to_upstream && !use.by_proxy;
  f.cause = cause_of(s, use);
  f.forecast = port_forecast(headroom);
  if (stand) {
    f.cause =
        "Each connection to one destination needs a local port of its own for as long as it lives, "
        "and none was left. The text speaks of as many open connections as there are ports: they "
        "hold them, and keeping connections would not help.";
    if (s.statement) f.evidence.push_back({"it says", s.statement->text, source_of(s)});
    f.remedies = find_more_ports(seen, headroom.net_namespace, false);
    return f;
  }
  const reuse_target target{.runtime = use.connects,
                            .port = headroom.destination.port,
                            .destination = s.text_of(headroom.destination)};
  f.remedies = use.by_proxy ? keep_upstream_connections(target) : keep_connections(target);
  const bool mostly_time_wait = headroom.flows == 0 || headroom.time_wait * 2 >= headroom.flows;
  std::ranges::move(find_more_ports(seen, headroom.net_namespace, mostly_time_wait),
                    std::back_inserter(f.remedies));
  if (mostly_time_wait && !use.by_proxy && may_run_here(s)) f.remedies.push_back(keep_beside());
  return f;
}

/// As many TIME-WAIT as there are ports, none of them placed: no host has that by chance.
std::optional<finding> number_of_the_range(const picture& seen) {
  const auto& s = seen.s;
  const auto& supply = seen.ports.supply(0);
  const auto count = seen.unplaced_time_wait;
  const auto usable = supply.usable();
  // From 2 % below, as ports come and go, to 0.5 % above, which are the listeners' own. Windows
  // gives a port to one connection alone, wherever to, and others hold some: 10 % below.
  const std::uint64_t least = system_of(s) == os_family::windows ? 900 : 980;
  const bool the_same = count * 1'000 >= usable * least && count * 1'000 <= usable * 1'005;
  constexpr std::uint64_t beyond_chance = 1'000;  // A smaller number may be met by chance.
  if (s.source != source_kind::pasted || usable < beyond_chance || !the_same) return std::nullopt;
  // Of so small a range its own finding speaks.
  constexpr std::uint64_t small = 10'000;
  if (!supply.range_assumed && supply.size < small) return std::nullopt;
  destination_use use{.headroom = {.supply = supply, .reuse = seen.ports.reuse(0)}};
  finding f{.id = "ephemeral-port-exhaustion",
            .severity = severity::warning,
            .certainty = likely("chance: they are with many destinations, or a server's",
                                "the peers' ports in their rows: nearly all the same for one "
                                "destination"),
            .title = fmt::format("{} in TIME-WAIT: about as many as there are ports ({})",
                                 counted(count, "socket"), grouped(usable)),
            .subject = host_subject(s)};
  f.evidence = port_evidence(s, use);
  f.evidence.push_back({"sockets in TIME-WAIT", grouped(count), source_of(s)});
  f.cause =
      "The count stands at the size of the port range, so most of them probably go to one "
      "destination and hold every port to it for 60 s after this side closed first.";
  f.remedies = keep_connections({});
  std::ranges::move(find_more_ports(seen, 0, true), std::back_inserter(f.remedies));
  return f;
}

/// The process that holds most ports without a connection, where one is named.
owner_ref most_bound_by(const snapshot& s) {
  const socket_group* most = nullptr;
  for (const auto& g : s.groups) {
    const bool is_it = g.key.state == tcp::state::bound_inactive && s.owner_of(g.key.owner);
    if (is_it && (most == nullptr || g.count > most->count)) most = &g;
  }
  return most == nullptr ? owner_ref{} : most->key.owner;
}

/// Ports that are bound and not connected, as Get-NetTCPConnection counts them. It shows such a row
/// beside each connection that this side opened, too: those are no more than the connections.
std::optional<finding> from_bound_counts(const picture& seen) {
  constexpr std::uint64_t beyond_use = 1'000;  // No program binds so many before it connects.
  const auto& s = seen.s;
  const auto states = s.states();
  const auto bound = states.of(tcp::state::bound_inactive);
  const auto connected = states.of(tcp::state::established) + states.of(tcp::state::time_wait) +
                         states.of(tcp::state::syn_sent) + states.of(tcp::state::close_wait);
  if (s.source != source_kind::pasted || bound < beyond_use || bound < 2 * connected) return {};
  const auto& supply = seen.ports.supply(0);
  const auto owner = most_bound_by(s);
  const auto holder = owner_text(s, owner);
  const bool is_nearly_all = bound * 100 >= supply.usable() * 95;
  finding f{.id = "ephemeral-port-exhaustion",
            .severity = is_nearly_all ? severity::critical : severity::warning,
            .title = fmt::format("{} of {} ports are bound and not connected{}", grouped(bound),
                                 grouped(supply.size), holder.empty() ? "" : ", most by " + holder),
            .subject = holder.empty() ? host_subject(s) : process_subject(s, owner)};
  f.evidence.push_back(
      {"sockets that hold a port and are not connected", grouped(bound), source_of(s)});
  f.evidence.push_back({"connections beside them", grouped(connected), source_of(s)});
  f.cause =
      "A port that a bind() took is free for no destination. Each connection that this side opens "
      "has such a row beside it; many more of them than connections are sockets that a program "
      "bound and forgot, and they stay until it closes them or ends.";
  f.forecast = "once all are bound, no program on this host can connect";
  f.remedies.push_back({.text = "Find the program that holds them, and restart it for now",
                        .command = std::string(advice_for(system_of(s)).list_bound),
                        .risk = "what it does is interrupted",
                        .undo = {}});
  std::ranges::move(find_more_ports(seen, 0, false), std::back_inserter(f.remedies));
  return f;
}

}  // namespace

findings ephemeral_port_exhaustion(const picture& seen) {
  findings found;
  for (const auto& use : seen.uses) {
    if (const auto how_bad = severity_of(use)) found.push_back(make(seen, use, *how_bad));
    if (found.size() == findings_max) break;
  }
  if (found.empty()) {
    if (auto f = from_bound_counts(seen)) found.push_back(std::move(*f));
  }
  if (found.empty()) {
    if (auto f = number_of_the_range(seen)) found.push_back(std::move(*f));
  }
  return found;
}

}  // namespace waitstate::diagnosis
