#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "advice/packets.h"
#include "advice/settings.h"
#include "judgement/accept_queue.h"
#include "judgement/most_first.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::string_view cookies_sent = "TcpExt.SyncookiesSent";

/// Handshakes on one listening port that the other side does not complete.
struct incomplete {
  std::uint32_t net_namespace = 0;
  tcp::endpoint local;
  std::uint64_t count = 0;
  std::uint64_t sent_again = 0;  ///< Whose SYN-ACK was sent three times: for three seconds.
  std::uint8_t sent_again_max = 0;
  std::uint64_t established = 0;
  std::set<tcp::address> peers;
};

std::vector<incomplete> incomplete_handshakes(const snapshot& s) {
  std::map<std::pair<std::uint32_t, std::uint16_t>, incomplete> by_port;
  for (const auto& g : s.groups) {
    const bool waits = g.key.state == tcp::state::syn_received;
    const bool is_open = g.key.state == tcp::state::established;
    // Counts by state, or by address, name no port, and only a listener has handshakes of others.
    const bool is_count = g.key.direction == direction::unknown && g.key.remote.port == 0 &&
                          !g.key.remote.address.is_known();
    const bool is_inbound = waits || g.key.direction == direction::inbound || is_count;
    if ((!waits && !is_open) || !is_inbound) continue;
    auto& one = by_port[{g.key.net_namespace, g.key.local.port}];
    if (is_open) {
      one.established += g.count;
      continue;
    }
    one.net_namespace = g.key.net_namespace;
    one.local = g.key.local;
    one.count += g.count;
    one.sent_again += g.sent_again_at_least(2);
    one.sent_again_max = std::max(one.sent_again_max, g.sent_again_max);
    if (g.key.remote.address.is_known()) one.peers.insert(g.key.remote.address);
  }
  std::vector<incomplete> all;
  for (auto& [port, one] : by_port) {
    if (one.count > 0) all.push_back(std::move(one));
  }
  sort_most_first(all, [](const incomplete& one) { return one.sent_again; });
  return all;
}

/// A client that vanished leaves one for a minute, so a busy port always has a few. A paste has
/// rarely how often the answer was sent; there more of them than are open say that few complete.
bool is_trouble(const snapshot& s, const incomplete& one) {
  constexpr std::uint64_t many = 20;    // Clients that vanish within one minute.
  constexpr std::uint64_t several = 5;  // On a port where hardly anybody gets through.
  const auto hanging = s.source == source_kind::pasted ? one.count : one.sent_again;
  // Of a host as a whole it takes more: a few on each port are nothing.
  if (one.local.port == 0 && hanging < 5 * many) return false;
  if (hanging >= several && hanging > one.established) return true;
  return s.source == source_kind::live && hanging >= many;
}

std::vector<remedy> remedies_for(const snapshot& s, const incomplete& one) {
  std::vector<remedy> remedies{
      watch_packets(s, {.address = {}, .port = one.local.port}, packets::handshakes),
      {.text =
           "Where the SYN-ACK leaves and no ACK comes back from clients that are real, look for "
           "what sees only one direction: an asymmetric route, a firewall or a load balancer "
           "that answers by another way, rp_filter"}};
  if (setting_text(s, one.net_namespace, "net.ipv4.tcp_syncookies") != "1") {
    remedies.push_back(sysctl_remedy(
        s, {.net_namespace = one.net_namespace,
            .key = "net.ipv4.tcp_syncookies",
            .value = "1",
            .text = "Against a flood: let the kernel answer without keeping state when the queue "
                    "is full",
            .risk = "connections that come by a cookie may lack window scaling and SACK"}));
  }
  return remedies;
}

std::string title_of(const incomplete& one) {
  auto title =
      fmt::format("{}{} {} not completed", counted(one.count, "handshake"),
                  one.local.port == 0 ? std::string() : fmt::format(" on port {}", one.local.port),
                  one.count == 1 ? "is" : "are");
  if (one.sent_again_max > 0) {
    title += fmt::format(": the answer was sent up to {} times", one.sent_again_max + 1);
  }
  return title;
}

finding handshakes_of(const snapshot& s, const incomplete& one) {
  const auto source = source_of(s);
  const auto cookies = s.namespaces[one.net_namespace].counter_rate(cookies_sent).value_or(0);
  finding f{
      .id = "syn-flood",
      .severity = severity::warning,
      .certainty = possible("the answers to clients that are real are lost on their way back",
                            "who the peers are: few that you know speak for the way, thousands of "
                            "strangers for a flood"),
      .title = title_of(one),
      .subject = one.local.port == 0 ? host_subject(s)
                                     : listener_subject(s, one.local, {}, one.net_namespace),
      .evidence = {{.fact = "SYN-RECEIVED", .value = grouped(one.count), .source = source}},
      .cause =
          "SYNs arrive, and the ACK that would complete the handshake does not: SYNs with forged "
          "addresses (a SYN flood) leave that, since nobody gets the answer.",
      .forecast =
          "each is given up after a minute (net.ipv4.tcp_synack_retries); when the queue is full "
          "the kernel sends cookies or drops new clients",
      .remedies = remedies_for(s, one)};
  if (!one.peers.empty()) {
    f.evidence.push_back({.fact = "peers", .value = grouped(one.peers.size()), .source = source});
  }
  f.evidence.push_back({.fact = one.local.port == 0 ? "ESTABLISHED" : "ESTABLISHED on that port",
                        .value = grouped(one.established),
                        .source = source});
  if (one.sent_again > 0) {
    f.evidence.push_back({.fact = "SYN-ACK sent three times or more",
                          .value = grouped(one.sent_again),
                          .source = source});
  }
  if (cookies > 0) {
    f.evidence.push_back({.fact = std::string(cookies_sent),
                          .value = rate(cookies) + " a second",
                          .source = "netstat"});
  }
  return f;
}

/// Cookies since boot of which most brought nobody back, in a paste of counters.
std::optional<finding> cookies_of(const snapshot& s, std::uint32_t index) {
  constexpr std::uint64_t many = 10'000;
  constexpr std::uint64_t part_of_accepted = 20;
  const auto& ns = s.namespaces[index];
  const auto sent = ns.counter(cookies_sent).value_or(0);
  const auto back = ns.counter("TcpExt.SyncookiesRecv").value_or(0);
  const auto accepted = ns.counter("Tcp.PassiveOpens").value_or(0);
  if (s.source != source_kind::pasted || sent < many || back * 2 >= sent) return std::nullopt;
  if (sent * part_of_accepted < accepted) return std::nullopt;
  const incomplete nowhere{.net_namespace = index, .local = {}, .peers = {}};
  finding f{
      .id = "syn-flood",
      .severity = severity::warning,
      .certainty = possible("one burst beyond the queue, at some time since boot",
                            "the same counter a minute later: `nstat TcpExtSyncookiesSent`"),
      .title = fmt::format("{} handshakes were answered with cookies since boot, and {} completed",
                           grouped(sent), grouped(back)),
      .subject = namespace_subject(s, index),
      .evidence = {{.fact = std::string(cookies_sent), .value = grouped(sent), .source = "netstat"},
                   {.fact = "TcpExt.SyncookiesRecv", .value = grouped(back), .source = "netstat"}},
      .cause =
          "The kernel sends cookies when a queue of handshakes is full. A client that is real "
          "comes "
          "back with its cookie; of these most did not: SYNs with forged addresses (a SYN flood) "
          "leave that.",
      .forecast =
          "while it lasts, connections that come by a cookie may lack window scaling and SACK",
      .remedies = remedies_for(s, nowhere)};
  return f;
}

}  // namespace

findings syn_flood(const picture& seen) {
  const auto& s = seen.s;
  // Where the program does not accept, the kernel holds handshakes back by itself.
  findings found;
  for (const auto& one : incomplete_handshakes(s)) {
    if (found.size() == findings_max) break;
    // Without a port they may be of any listener that does not accept.
    const bool no_port = one.local.port == 0;
    const bool is_explained =
        contains(seen.stuck_ports, one.net_namespace, one.local.port) ||
        (no_port &&
         (!seen.stuck_ports.empty() || seen.undirected.front().cause == undirected_cause::stalled));
    if (!is_explained && is_trouble(s, one)) found.push_back(handshakes_of(s, one));
  }
  for (std::uint32_t i = 0; i < s.namespaces.size() && found.empty(); ++i) {
    if (auto f = cookies_of(s, i)) found.push_back(std::move(*f));
  }
  return found;
}

}  // namespace waitstate::diagnosis
