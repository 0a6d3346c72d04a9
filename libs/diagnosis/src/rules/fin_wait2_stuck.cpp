#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "judgement/close_wait_piles.h"
#include "judgement/direction.h"
#include "judgement/most_first.h"
#include "judgement/other_end.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// FIN-WAIT-2 to one destination or on one listening port, of one owner or of nobody.
struct half_closed {
  std::uint32_t net_namespace = 0;
  direction side = direction::unknown;
  owner_ref owner;
  tcp::endpoint endpoint;
  socket_group waiting;           ///< FIN-WAIT-2
  std::uint64_t time_wait = 0;    ///< To the same: closes that the peer did answer.
  std::uint64_t others = 0;       ///< In any other state.
  std::uint64_t within_host = 0;  ///< Of `waiting`, with the other end on this host.
  bool is_rows = false;

  [[nodiscard]] bool is_owned() const { return owner.kind == ownership::owned; }
};

using place = std::tuple<std::uint32_t, direction, tcp::endpoint>;

place place_of(const snapshot& s, const socket_group& g) {
  const auto side = side_of(s, g).direction;
  if (side == direction::outbound) return {g.key.net_namespace, side, g.key.remote};
  if (side == direction::inbound) {
    return {g.key.net_namespace, side, {.address = {}, .port = g.key.local.port}};
  }
  return {g.key.net_namespace, side, {.address = g.key.remote.address, .port = g.key.remote.port}};
}

/// A program that half-closes does so wherever it connects: its few rows to each are one sample.
void merge_by_owner(std::vector<half_closed>& all) {
  std::vector<half_closed> merged;
  for (auto& one : all) {
    const auto same = std::ranges::find_if(merged, [&](const half_closed& m) {
      return one.is_owned() && m.owner == one.owner && m.net_namespace == one.net_namespace;
    });
    if (same == merged.end()) {
      merged.push_back(one);
      continue;
    }
    same->waiting.merge(one.waiting);
    same->time_wait += one.time_wait;
    same->others += one.others;
    same->within_host += one.within_host;
    if (same->side != one.side) same->side = direction::unknown;
    if (same->endpoint != one.endpoint) same->endpoint = {};
  }
  all = std::move(merged);
}

std::vector<half_closed> half_closed_of(const snapshot& s) {
  std::map<std::pair<place, owner_ref>, half_closed> waiting;
  std::map<place, std::pair<std::uint64_t, std::uint64_t>> time_wait_and_others;
  for (const auto& g : s.groups) {
    const auto at = place_of(s, g);
    auto& [time_wait, others] = time_wait_and_others[at];
    if (g.key.state == tcp::state::time_wait) time_wait += g.count;
    if (g.key.state != tcp::state::fin_wait_2) {
      others += g.count;
      continue;
    }
    const auto owner = g.key.owner.kind == ownership::owned ? g.key.owner : owner_ref{};
    auto& one = waiting[{at, owner}];
    one.waiting.merge(g);
    one.is_rows = one.is_rows || g.key.remote.address.is_known();
    if (is_within_host(g)) one.within_host += g.count;
  }
  std::vector<half_closed> all;
  for (auto& [key, one] : waiting) {
    std::tie(one.net_namespace, one.side, one.endpoint) = key.first;
    one.owner = key.second;
    std::tie(one.time_wait, one.others) = time_wait_and_others[key.first];
    all.push_back(one);
  }
  if (s.source == source_kind::pasted) merge_by_owner(all);
  sort_most_first(all, [](const half_closed& h) { return h.waiting.count; });
  return all;
}

/// So many clients that do not answer a server's FIN are more than phones that left.
constexpr std::uint64_t vanished_clients = 1'000;
/// Fewer to one place may be peers that vanished; a program that holds them shows it sooner, since
/// no timer ends those: by so many that are over a minute old.
constexpr std::uint64_t many = 20;
constexpr std::uint64_t held_and_old = 5;
/// A count without rows says less than rows that somebody chose.
constexpr std::uint64_t many_counted = 100;
/// Rows that are nearly all of a paste are a sample, and one may be chance.
constexpr std::uint64_t sample_rows_min = 2;
/// A peer that answers leaves FIN-WAIT-2 within a round trip: a quarter of the others is not that.
constexpr std::uint64_t part_of_others = 4;

std::uint64_t states_shown(const snapshot& s) {
  const auto states = s.states();
  return states.total() - states.of(tcp::state::listen) - states.of(tcp::state::unknown);
}

/// Somebody pasted little else: then two are a sample, not two of many.
bool is_most_of_what_is_shown(const snapshot& s, const half_closed& h) {
  return h.waiting.count * 4 >= states_shown(s) * 3;
}

/// A peer that answers our FIN turns FIN-WAIT-2 into TIME-WAIT within a round trip, so few of the
/// first for many of the second is health.
bool is_stuck(const snapshot& s, const half_closed& h) {
  const auto count = h.waiting.count;
  if (s.source == source_kind::pasted) {
    // Linux ends what nobody holds after tcp_fin_timeout: a server's clients that vanish are
    // normal. None vanishes from this host without a FIN.
    const bool ends_by_itself = !h.is_owned() && h.side == direction::inbound &&
                                system_of(s) == os_family::linux_kernel &&
                                h.within_host * 2 < h.waiting.count;
    if (ends_by_itself && count < vanished_clients) return false;
    // One that somebody looked for and pasted alone is a sample where a program holds it.
    const bool alone = h.is_owned() && count == states_shown(s);
    const std::uint64_t rows_min = alone                            ? 1
                                   : is_most_of_what_is_shown(s, h) ? sample_rows_min
                                                                    : many;
    const bool enough = h.is_rows ? count >= rows_min : count >= many_counted;
    // By the thousand, a quarter of all and hardly answered: the peers of a program do not close.
    if (!h.is_rows && count >= vanished_clients && count * part_of_others >= h.others &&
        count >= h.time_wait) {
      return true;
    }
    return enough && count >= h.others && count >= h.time_wait;
  }
  if (h.is_owned()) return count >= many || h.waiting.age.over_a_minute() >= held_and_old;
  const bool unanswered = count * part_of_others >= h.time_wait;
  // Clients on phones vanish after a server's FIN: normal, and gone after tcp_fin_timeout.
  if (h.side == direction::inbound) return count >= vanished_clients && count >= h.others;
  return count >= many && unanswered;
}

one_end end_of(const half_closed& h) {
  return {.net_namespace = h.net_namespace, .side = h.side, .endpoint = h.endpoint};
}

/// The peer is on this host and its CLOSE-WAIT sockets are in this snapshot: they are the finding.
bool peer_is_seen_leaking(const snapshot& s, const half_closed& h) {
  const auto others = other_ends_of(s, end_of(h));
  const auto there = others.empty() ? h.net_namespace : others.front().net_namespace;
  std::uint64_t seen = 0;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::close_wait || g.key.net_namespace != there) continue;
    const auto mirrored = h.side == direction::outbound ? g.key.local.port : g.key.remote.port;
    if (mirrored == h.endpoint.port && mirrored != 0 && side_of(s, g).direction != h.side)
      seen += g.count;
  }
  return seen * 2 >= h.waiting.count;
}

const port_headroom* room_to(const picture& seen, const half_closed& h) {
  if (h.side != direction::outbound) return nullptr;
  for (const auto& headroom : seen.headrooms) {
    if (headroom.net_namespace == h.net_namespace && headroom.destination == h.endpoint)
      return &headroom;
  }
  return nullptr;
}

bool runs_out(const snapshot& s, const half_closed& h, const port_headroom* headroom) {
  if (h.side != direction::outbound) return false;
  if (headroom != nullptr && headroom->is_exhausted()) return true;
  return message_of(s, message_kind::address_not_available) != nullptr;
}

std::string title_of(const snapshot& s, const half_closed& h, bool exhausted) {
  const auto sockets = counted(h.waiting.count, "connection");
  const auto at = known_text(s, h.endpoint);
  if (h.is_owned()) {
    return fmt::format("{} has half-closed {}{} and waits for a close that does not come",
                       owner_text(s, h.owner), sockets,
                       at.empty() ? "" : (h.side == direction::inbound ? " on " : " to ") + at);
  }
  if (h.side == direction::inbound) {
    return fmt::format("{} on {} wait in FIN-WAIT-2 for clients that do not close", sockets, at);
  }
  return fmt::format("{} does not close: {} to it wait in FIN-WAIT-2{}",
                     at.empty() ? "the peer" : at, sockets,
                     exhausted ? " and use up the local ports" : "");
}

std::string cause_of(const snapshot& s, const half_closed& h) {
  if (h.is_owned()) {
    return "We closed first, with shutdown(), and the program still holds the socket. The peer "
           "acknowledged the FIN and sends none of its own. tcp_fin_timeout does not apply to a "
           "socket that a program holds, so it waits without end.";
  }
  const bool is_bsd = system_of(s) != os_family::linux_kernel;
  std::string cause =
      "We closed first and the peer acknowledged it, but no FIN of its own came: most likely its "
      "sockets are in CLOSE-WAIT, leaked there.";
  if (is_bsd) {
    cause +=
        " This system ends FIN-WAIT-2 on a timer only when the program has closed the socket "
        "altogether; after a mere shutdown() it stays.";
  } else if (h.side == direction::outbound) {
    cause +=
        " Each holds its local port for tcp_fin_timeout, and tcp_tw_reuse cannot take it "
        "over: that is for TIME-WAIT alone.";
  }
  return cause;
}

std::vector<evidence> proof_of(const snapshot& s, const half_closed& h,
                               const port_headroom* headroom) {
  const auto at = known_text(s, h.endpoint);
  std::vector<evidence> proof{
      {.fact = at.empty() ? "FIN-WAIT-2" : "FIN-WAIT-2, " + at,
       .value =
           fmt::format("{}, {}; {} in TIME-WAIT there", grouped(h.waiting.count),
                       h.is_owned() ? "held by a program" : "no owner known", grouped(h.time_wait)),
       .source = source_of(s)}};
  add_other_end(s, end_of(h), proof);
  if (headroom != nullptr) {
    proof.push_back({.fact = "local ports free to it",
                     .value = fmt::format("{} of {}", grouped(headroom->free),
                                          grouped(headroom->supply.usable())),
                     .source = "net.ipv4.ip_local_port_range"});
  }
  const auto timeout = setting_text(s, h.net_namespace, "net.ipv4.tcp_fin_timeout");
  if (timeout != "unknown") {
    proof.push_back(setting_evidence("net.ipv4.tcp_fin_timeout", timeout));
  }
  return proof;
}

std::vector<remedy> remedies_for(const half_closed& h) {
  const auto port = h.endpoint.port == 0 ? std::string("PORT") : std::to_string(h.endpoint.port);
  const remedy mend_peer{
      .text =
          "Mend the peer: look for CLOSE-WAIT on its side, there is the program that does not "
          "close",
      .command =
          h.side == direction::inbound
              ? fmt::format("ss -tnp state close-wait '( dport = :{} )'   # on the peer\n", port)
              : fmt::format("ss -tnp state close-wait '( sport = :{} )'   # on the peer\n", port)};
  const remedy deadline{
      .text = "After shutdown() wait for the peer with a deadline, then close() the socket",
      .command =
          "shutdown(fd, SHUT_WR);\n"
          "// poll(fd, POLLIN, 5000), read until 0 or the deadline\n"
          "close(fd);\n",
      .risk = "an answer that comes after the deadline is lost"};
  if (h.is_owned() || h.side == direction::inbound) return {deadline, mend_peer};
  return {mend_peer, deadline};
}

certainty certainty_of(const half_closed& h) {
  if (h.is_owned()) return {};
  return likely("the peer has closed, and the way back drops its FIN",
                "the state of these connections on the peer: CLOSE-WAIT where it does not close, "
                "LAST-ACK where its FIN is lost");
}

finding stuck_finding(const picture& seen, const half_closed& h) {
  const auto& s = seen.s;
  const auto* headroom = room_to(seen, h);
  const bool exhausted = runs_out(s, h, headroom);
  finding f{.id = "fin-wait2-stuck",
            .severity = exhausted ? severity::critical : severity::warning,
            .certainty = certainty_of(h),
            .title = title_of(s, h, exhausted),
            .evidence = proof_of(s, h, headroom),
            .cause = cause_of(s, h),
            .remedies = remedies_for(h)};
  if (h.is_owned()) {
    f.subject = process_subject(s, h.owner);
  } else if (known_text(s, h.endpoint).empty()) {
    f.subject = namespace_subject(s, h.net_namespace);
  } else {
    f.subject = h.side == direction::inbound
                    ? listener_subject(s, h.endpoint, {}, h.net_namespace)
                    : destination_subject(s, h.endpoint, {}, h.net_namespace);
  }
  if (exhausted) f.forecast = "connect() to it fails with EADDRNOTAVAIL until the peer closes";
  return f;
}

}  // namespace

findings fin_wait2_stuck(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& h : half_closed_of(s)) {
    if (found.size() == findings_max) break;
    if (!is_stuck(s, h)) continue;
    if (!h.is_owned() && peer_is_seen_leaking(s, h)) continue;
    found.push_back(stuck_finding(seen, h));
  }
  sort_most_first(found, &finding::severity);
  return found;
}

}  // namespace waitstate::diagnosis
