#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "advice/packets.h"
#include "judgement/other_end.h"
#include "judgement/silent_place.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/close_wait_text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::size_t findings_max = 3;
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

std::vector<remedy> remedies_for(const snapshot& s, const silent_place& p) {
  return {
      watch_packets(s, p.endpoint, packets::all),
      {.text = "Look at what changed on the way: a firewall or security group that dropped its "
               "state, a route, a peer that was switched off or moved without closing",
       .command = "ip route get ADDRESS\nnft list ruleset    # or: iptables -nvL\n"},
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

}  // namespace

findings unacknowledged_data(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& p : silent_places(s)) {
    if (found.size() == findings_max) break;
    found.push_back(silence_of(s, p));
  }
  return found;
}

}  // namespace waitstate::diagnosis
