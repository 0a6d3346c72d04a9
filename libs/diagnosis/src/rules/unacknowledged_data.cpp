#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "advice/packets.h"
#include "judgement/other_end.h"
#include "judgement/silent_place.h"
#include "judgement/unsent_place.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::string_view retries_setting = "net.ipv4.tcp_retries2";

std::string place_text(const snapshot& s, const silent_place& p) {
  if (p.side == direction::inbound) return fmt::format("clients of port {}", p.endpoint.port);
  const auto text = known_text(s, p.endpoint);
  return text.empty() ? "their peers" : text;
}

std::string title_of(const snapshot& s, const silent_place& p) {
  const auto owner = owner_text(s, p.owner);
  const auto who = owner.empty() ? std::string() : owner + ": ";
  const auto where = place_text(s, p);
  const auto times = fmt::format("sent again up to {} times", p.sent_again_max);
  if (p.open == 0) {
    return fmt::format("the end of {} {} {} is not acknowledged: {}",
                       counted(p.closing, "connection"),
                       p.side == direction::inbound ? "with" : "to", where, times);
  }
  return fmt::format("{}{} {} {} no answer: {} unacknowledged, {}", who,
                     counted(p.open, "connection"), p.side == direction::inbound ? "with" : "to",
                     where + (p.open == 1 ? " gets" : " get"), bytes(p.unanswered_bytes), times);
}

std::int64_t retries_of(const snapshot& s, std::uint32_t net_namespace) {
  constexpr std::int64_t by_default = 15;
  if (net_namespace >= s.namespaces.size()) return by_default;
  return s.namespaces[net_namespace].sysctl(retries_setting).value_or(by_default);
}

std::string forecast_of(const snapshot& s, const silent_place& p) {
  if (p.open == 0) {
    return "the kernel gives them up by itself (net.ipv4.tcp_orphan_retries), within two minutes "
           "by default";
  }
  const auto retries = retries_of(s, p.net_namespace);
  return fmt::format(
      "calls that wait for them fail {} after the first loss (tcp_retries2 {}), unless the program "
      "set a shorter time-out",
      elapsed(gives_up_after(retries)), retries);
}

std::vector<evidence> proof_of(const snapshot& s, const silent_place& p) {
  const auto source = source_of(s);
  std::vector<evidence> proof;
  const auto where = place_text(s, p);
  if (p.open > 0) {
    proof.push_back({.fact = "open, sent again three times or more",
                     .value = fmt::format("{} with {}", grouped(p.open), where),
                     .source = source});
  }
  if (p.closing > 0) {
    proof.push_back({.fact = "closing (FIN-WAIT-1, CLOSING, LAST-ACK), the same",
                     .value = fmt::format("{} with {}", grouped(p.closing), where),
                     .source = source});
  }
  proof.push_back(
      {.fact = "sockets there that are answered", .value = grouped(p.others), .source = source});
  add_other_end(s, {.net_namespace = p.net_namespace, .side = p.side, .endpoint = p.endpoint},
                proof);
  if (p.silent_for_ms > 0) {
    proof.push_back({.fact = "nothing came back",
                     .value = "for " + elapsed(std::chrono::milliseconds(p.silent_for_ms)),
                     .source = source});
  }
  if (p.open > 0) {
    const auto set = setting_text(s, p.net_namespace, retries_setting);
    if (set != "unknown") proof.push_back(setting_evidence(retries_setting, set));
  }
  return proof;
}

/// What may stand in a command: a name of a paste may not.
bool is_numeric(const tcp::address& a) {
  return a.what() == tcp::address::kind::v4 || a.what() == tcp::address::kind::v6;
}

std::vector<remedy> remedies_for(const snapshot& s, const silent_place& p) {
  return {
      watch_packets(s, p.endpoint, packets::all),
      {.text = "Look at what changed on the way: a firewall or security group that dropped its "
               "state, a route, a peer that was switched off or moved without closing",
       .command = fmt::format("ip route get {}\nnft list ruleset    # or: iptables -nvL\n",
                              is_numeric(p.endpoint.address) ? s.text_of(p.endpoint.address)
                                                             : std::string("ADDRESS"))},
      {.text = "Fail sooner next time: a time-out on every call, and one on the socket for what "
               "is sent and not acknowledged",
       .command = "int ms = 10000;\n"
                  "setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);\n",
       .risk = "a network that is slow for longer than that loses connections"}};
}

finding silence_of(const snapshot& s, const silent_place& p) {
  finding f{.id = "unacknowledged-data",
            // Nobody waits for the end of a connection.
            .severity = p.open > 0 ? severity::warning : severity::info,
            .title = title_of(s, p),
            .subject = p.side == direction::inbound
                           ? listener_subject(s, p.endpoint, p.owner, p.net_namespace)
                           : destination_subject(s, p.endpoint, p.owner, p.net_namespace),
            .evidence = proof_of(s, p),
            .cause =
                "The kernel sends the same bytes again and again, and not even an acknowledgement "
                "comes back. The connections were open, so the other side was there: since then "
                "something on the way drops the packets, or the peer vanished without a FIN.",
            .forecast = forecast_of(s, p),
            .remedies = remedies_for(s, p)};
  return f;
}

/// Players and phones stop reading for a while: only where a few hosts are all of them, or we are
/// the client, is it a program that stands still.
severity severity_of(const unsent_place& p) {
  constexpr std::size_t few_hosts = 2;
  return p.side == direction::outbound || p.peers <= few_hosts ? severity::warning : severity::info;
}

finding shut_of(const snapshot& s, const unsent_place& p) {
  const auto owner = owner_text(s, p.owner);
  const bool inbound = p.side == direction::inbound;
  const auto where = inbound ? fmt::format("clients of port {}", p.destination.port)
                             : known_text(s, p.destination);
  finding f{
      .id = "unacknowledged-data",
      .severity = severity_of(p),
      .title = fmt::format("{}{} with {} {} not read for {}: {} wait",
                           owner.empty() ? "" : owner + ": ", counted(p.shut, "connection"),
                           where.empty() ? "their peers" : where, p.shut == 1 ? "is" : "are",
                           elapsed(std::chrono::milliseconds(p.shut_ms)), bytes(p.bytes)),
      .subject = inbound ? listener_subject(s, p.destination, p.owner, p.net_namespace)
                         : destination_subject(s, p.destination, p.owner, p.net_namespace),
      .evidence = {{.fact = "the peer's window is shut (timer persist)",
                    .value = fmt::format("{} of {}", grouped(p.shut), grouped(p.open)),
                    .source = source_of(s)},
                   {.fact = "the next probe is away",
                    .value = "up to " + elapsed(std::chrono::milliseconds(p.shut_ms)),
                    .source = source_of(s)}},
      .cause =
          "The peer acknowledges and takes no more: its receive queue is full, so the program "
          "there does not read. A response whose body nobody reads looks so from the server, "
          "and so does a program that stands still. The kernel asks after times that double, "
          "and goes on for as long as the peer answers.",
      .forecast =
          "each holds its send buffer, and a worker that writes blocks; nothing ends "
          "it while the peer's host is there"};
  add_other_end(s, {.net_namespace = p.net_namespace, .side = p.side, .endpoint = p.destination},
                f.evidence);
  f.certainty = likely("a client that reads slowly on purpose, as a paused download is",
                       "what the program at the other end does: unread bytes (Recv-Q) stand there");
  f.remedies = {
      {.text = "Look at the other end: unread bytes (Recv-Q) there mean that its program does not "
               "read",
       .command = fmt::format("ss -tnp '( {} = :{} )'    # on the peer\n",
                              inbound ? "dport" : "sport", p.destination.port)},
      {.text = "Bound how long a write may take: a time-out of the server for sending, or one on "
               "the socket",
       .command = "int ms = 60000;\n"
                  "setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);\n",
       .risk = "clients that pause for longer lose their connection"}};
  return f;
}

finding unsent_of(const snapshot& s, const unsent_place& p) {
  const auto owner = owner_text(s, p.owner);
  const auto where = known_text(s, p.destination);
  finding f{
      .id = "unacknowledged-data",
      .severity = severity::warning,
      .certainty = possible("a transfer at full speed, whose queues empty and fill again",
                            "the same rows ten seconds later: the same bytes mean that "
                            "nothing is taken"),
      .title = fmt::format("{}{} to {}: {} wait to be sent or acknowledged",
                           owner.empty() ? "" : owner + ": ", counted(p.filled, "open connection"),
                           where.empty() ? "their peers" : where, bytes(p.bytes)),
      .subject = destination_subject(s, p.destination, p.owner, p.net_namespace),
      .evidence = {{.fact = "ESTABLISHED with bytes in the send queue",
                    .value = fmt::format("{} of {}, {}", grouped(p.filled), grouped(p.open),
                                         bytes(p.bytes)),
                    .source = source_of(s)}},
      .cause =
          "What a program writes stays in the send queue until the peer has acknowledged it. "
          "On nearly all connections to one place at once it means that the peer does not "
          "read (its receive queues are full), or that nothing comes back: the path drops, "
          "or the peer vanished without a FIN.",
      .forecast = "writes block or fail once the send buffers are full"};
  f.remedies = {
      {.text = "See whether the bytes stand, and which timer runs: `on` sends the same again, "
               "`persist` probes a window that is shut",
       .command =
           fmt::format("ss -tnoi state established '( dport = :{} )'\n", p.destination.port)},
      {.text = "Look at the other end: unread bytes (Recv-Q) there mean that its program does not "
               "read",
       .command = fmt::format("ss -tnp '( sport = :{} )'    # on the peer\n", p.destination.port)},
      watch_packets(s, p.destination, packets::all)};
  return f;
}

/// Segments that were sent, and sent again: since boot in a paste, a second where there are two
/// looks. Those of handshakes are told apart where the kernel's own counter is shown.
struct sent_again {
  double segments = 0;
  double out = 0;
  bool handshakes_known = false;
};

std::optional<sent_again> sent_again_in(const snapshot& s, const network_namespace& ns) {
  const bool by_rate = !ns.counter_rates.empty();
  if (!by_rate && s.source == source_kind::live) return std::nullopt;
  const auto value = [&](std::string_view name) -> std::optional<double> {
    if (by_rate) return ns.counter_rate(name);
    const auto count = ns.counter(name);
    return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
  };
  const auto again = value("Tcp.RetransSegs");
  const auto out = value("Tcp.OutSegs");
  if (!again || !out || *out <= 0) return std::nullopt;
  // No connection comes about without a segment: a counter of 32 bits that began anew.
  const auto opens = value("Tcp.ActiveOpens").value_or(0) + value("Tcp.PassiveOpens").value_or(0);
  if (!by_rate && *out < opens) return std::nullopt;
  const auto handshakes = value("TcpExt.TCPSynRetrans");
  return sent_again{.segments = *again - std::min(handshakes.value_or(0), *again),
                    .out = *out,
                    .handshakes_known = handshakes.has_value()};
}

/// Lossy lines of the internet lose one in a hundred; from one in twenty on each transfer crawls.
std::optional<finding> loss_of(const snapshot& s, std::uint32_t index) {
  constexpr double much = 0.05;
  constexpr double since_boot_min = 1'000;
  constexpr double per_second_min = 10;
  const auto& ns = s.namespaces[index];
  const auto lost = sent_again_in(s, ns);
  const bool by_rate = !ns.counter_rates.empty();
  const auto least = by_rate ? per_second_min : since_boot_min;
  if (!lost || lost->segments < least || lost->segments < lost->out * much) return std::nullopt;
  const auto text = [&](double n) {
    return by_rate ? rate(n) + " a second" : grouped(static_cast<std::uint64_t>(n));
  };
  finding f{.id = "unacknowledged-data",
            .severity = severity::warning,
            .title = fmt::format("{:.0f} % of the segments that this host sends are sent again: {} "
                                 "of {}{}",
                                 100 * lost->segments / lost->out, text(lost->segments),
                                 text(lost->out), by_rate ? "" : " since boot"),
            .subject = namespace_subject(s, index),
            .cause =
                "What is not acknowledged in time is sent again. So much of it means that packets "
                "are lost on the way, at a full link, a bad cable or port, a device that drops or "
                "polices, or that peers vanish without a FIN.",
            .forecast = "each loss costs a round trip and halves the rate of its connection"};
  f.certainty =
      lost->handshakes_known
          ? likely("one bad hour of a long life: the counters are of all the time since boot",
                   "the same counters a minute later: `nstat TcpRetransSegs TcpOutSegs`")
          : likely("handshakes with hosts that do not answer, which are sent again, too",
                   "TCPSynRetrans of `nstat -az`: how many of them are handshakes");
  f.evidence = {{.fact = "sent again", .value = text(lost->segments), .source = "netstat -s"},
                {.fact = "sent", .value = text(lost->out), .source = "netstat -s"}};
  f.remedies = {{.text = "See whose connections they are, and what is lost on the interface",
                 .command = "ss -tino state established | grep -B1 retrans\n"
                            "ip -s link    # errors and drops of each interface\n"},
                {.text = "Find where: compare the counters of both ends, and the drops of what is "
                         "between",
                 .command = "mtr --tcp --port PORT ADDRESS\n"}};
  return f;
}

}  // namespace

findings unacknowledged_data(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& p : silent_places(s)) {
    if (found.size() == findings_max) break;
    found.push_back(silence_of(s, p));
  }
  if (!found.empty()) return found;
  for (const auto& p : shut_places(s)) {
    if (found.size() == findings_max) break;
    found.push_back(shut_of(s, p));
  }
  if (!found.empty()) return found;
  for (const auto& p : unsent_places(s)) {
    if (found.size() == findings_max) break;
    found.push_back(unsent_of(s, p));
  }
  if (!found.empty()) return found;
  for (std::uint32_t i = 0; i < s.namespaces.size() && found.size() < findings_max; ++i) {
    if (auto f = loss_of(s, i)) found.push_back(std::move(*f));
  }
  return found;
}

}  // namespace waitstate::diagnosis
