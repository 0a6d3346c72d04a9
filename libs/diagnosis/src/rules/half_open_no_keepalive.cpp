#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "judgement/close_wait_piles.h"
#include "judgement/direction.h"
#include "judgement/most_first.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// ESTABLISHED sockets of one owner that nothing would ever end if their peers are gone.
struct unwatched {
  std::uint32_t net_namespace = 0;
  owner_ref owner;
  tcp::endpoint local;   ///< The listening port, of inbound ones.
  tcp::endpoint remote;  ///< The destination, of outbound ones.
  std::uint64_t count = 0;
  std::uint64_t no_timer = 0;
  std::uint64_t idle_for_an_hour = 0;
  std::uint64_t idle_for_a_day = 0;
  std::uint32_t idle_max_ms = 0;
  std::uint64_t unsent = 0;  ///< With bytes in the send queue.
  bool has_twins = false;    ///< Two that one address of a client has with the same port here.
};

/// The part of a group that has no timer and has been idle for hours, as far as one may add up two
/// distributions: not more than either.
std::uint64_t both(const socket_group& g, std::uint64_t idle) {
  const auto with_timer = g.count - std::min(g.count, g.no_timer);
  return idle > with_timer ? idle - with_timer : 0;
}

void gather(unwatched& to, const socket_group& g) {
  constexpr std::size_t hour = 5;  // age_classes: from an hour to a day, and over a day
  // Counts beside the rows have no timer to show.
  to.count += g.with_timer_column;
  to.no_timer += g.no_timer;
  to.idle_for_an_hour += both(g, g.age.count[hour] + g.age.count[hour + 1]);
  to.idle_for_a_day += both(g, g.age.count[hour + 1]);
  to.idle_max_ms = std::max(to.idle_max_ms, g.age_max_ms);
  to.unsent += g.send_queue_filled;
  to.has_twins = to.has_twins || (g.key.direction == direction::inbound &&
                                  g.key.remote.address.is_known() && g.no_timer >= 2);
}

std::vector<unwatched> unwatched_of(const snapshot& s) {
  using key = std::tuple<std::uint32_t, owner_ref, tcp::endpoint, tcp::endpoint>;
  std::map<key, unwatched> by_place;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::established || g.with_timer_column == 0) continue;
    if (is_within_host(g)) continue;
    const auto side = side_of(s, g).direction;
    tcp::endpoint local;
    tcp::endpoint remote;
    if (side == direction::inbound) local.port = g.key.local.port;
    if (side == direction::outbound) remote = g.key.remote;
    auto& one = by_place[{g.key.net_namespace, g.key.owner, local, remote}];
    one.net_namespace = g.key.net_namespace;
    one.owner = g.key.owner;
    one.local = local;
    one.remote = remote;
    gather(one, g);
  }
  std::vector<unwatched> all;
  all.reserve(by_place.size());
  for (const auto& [key, one] : by_place) all.push_back(one);
  sort_most_first(all,
                  [](const unwatched& u) { return std::pair(u.idle_for_an_hour, u.no_timer); });
  return all;
}

/// Idle database pools live for hours on every host, so it takes many,
constexpr std::uint64_t many_for_an_hour = 100;
/// or very old ones.
constexpr std::uint64_t many_for_a_day = 20;
/// Rows that are a subject and no accident, where nine in ten of all are ESTABLISHED; fewer where a
/// client that came back has two.
constexpr std::uint64_t subject_rows_min = 3;
constexpr std::uint64_t subject_percent = 90;

/// A paste of nothing but ESTABLISHED rows without a timer: somebody wonders why they stay.
bool is_the_subject(const snapshot& s, const unwatched& u) {
  if (s.source == source_kind::live) return false;
  // A count of open ones beside their rows has no timer to show, and no other state.
  std::uint64_t connections = 0;
  std::uint64_t open = 0;
  for (const auto& g : s.groups) {
    const bool is_open = g.key.state == tcp::state::established;
    const bool may_be = is_open || g.key.state == tcp::state::unknown;
    connections += may_be ? g.with_timer_column : g.count;
    if (is_open) open += g.with_timer_column;
  }
  // One that somebody asked for with its timer and its owner, and pasted alone, is the subject too.
  const bool is_alone = u.no_timer == connections && s.owner_of(u.owner) != nullptr;
  return (u.no_timer >= subject_rows_min || u.has_twins || is_alone) && u.no_timer == u.count &&
         open * 100 >= connections * subject_percent && u.no_timer * 2 >= connections;
}

bool is_trouble(const snapshot& s, const unwatched& u) {
  return u.idle_for_an_hour >= many_for_an_hour || u.idle_for_a_day >= many_for_a_day ||
         is_the_subject(s, u);
}

std::string where_text(const snapshot& s, const unwatched& u) {
  const auto local = known_text(s, u.local);
  const auto remote = known_text(s, u.remote);
  if (!local.empty()) return " on " + local;
  return remote.empty() ? "" : " to " + remote;
}

certainty certainty_of(bool has_ages) {
  constexpr const char* other = "peers that are there and have nothing to say";
  constexpr const char* decides = "keep-alive, which ends the dead ones within minutes";
  return has_ages ? likely(other, decides) : possible(other, decides);
}

constexpr std::string_view no_fin_came =
    "A peer that lost power or network, or a firewall that forgot the connection, sends no FIN. "
    "Without a keep-alive timer the kernel never asks, so these stay ESTABLISHED without end "
    "whether anybody is there or not.";

std::vector<remedy> keep_watch() {
  return {{.text = "Turn keep-alive on for these sockets, in the program",
           .command = "int on = 1, idle = 60, interval = 15, count = 4;\n"
                      "setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);\n"
                      "setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);\n"
                      "setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof "
                      "interval);\n"
                      "setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);\n",
           .risk = "a packet a minute for each idle connection"},
          {.text = "Bound how long sent data may stay unacknowledged",
           .command = "int ms = 30000;\n"
                      "setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);\n"},
          {.text = "Give the server an idle time-out, so that a silent client is let go"}};
}

finding half_open_of(const snapshot& s, const unwatched& u) {
  const auto owner = owner_text(s, u.owner);
  const bool has_ages = u.idle_for_an_hour > 0;
  const auto count = has_ages ? u.idle_for_an_hour : u.no_timer;
  const auto idle = has_ages ? fmt::format(", idle for over an hour (up to {})",
                                           elapsed(std::chrono::milliseconds(u.idle_max_ms)))
                             : std::string();
  finding f{.id = "half-open-no-keepalive",
            .severity = severity::warning,
            .certainty = certainty_of(has_ages),
            .title = fmt::format("{} {}{} without keep-alive{}",
                                 owner.empty() ? "a program here keeps" : owner + " keeps",
                                 counted(count, "open connection"), where_text(s, u), idle),
            .subject = s.owner_of(u.owner) != nullptr ? process_subject(s, u.owner)
                       : u.local.port != 0 ? listener_subject(s, u.local, u.owner, u.net_namespace)
                       : known_text(s, u.remote).empty()
                           ? host_subject(s)
                           : destination_subject(s, u.remote, u.owner, u.net_namespace),
            .cause = std::string(no_fin_came),
            .forecast = "each takes a descriptor until the program ends",
            .remedies = keep_watch()};
  const auto source = source_of(s);
  f.evidence.push_back({.fact = "ESTABLISHED without any timer",
                        .value = fmt::format("{} of {}", grouped(u.no_timer), grouped(u.count)),
                        .source = source});
  if (has_ages) {
    f.evidence.push_back({.fact = "idle for over an hour",
                          .value = fmt::format("{}, over a day {}", grouped(u.idle_for_an_hour),
                                               grouped(u.idle_for_a_day)),
                          .source = source});
  }
  if (u.unsent > 0) {
    f.evidence.push_back(
        {.fact = "with unacknowledged data", .value = grouped(u.unsent), .source = source});
  }
  return f;
}

/// Where somebody's words are all there is.
finding half_open_told_by(const snapshot& s, const message& said) {
  finding f{.id = "half-open-no-keepalive",
            .severity = severity::warning,
            .certainty =
                likely("a program that keeps them on purpose, or does not close what it has read "
                       "the end of",
                       "`ss -tnope` on both sides: ESTABLISHED here without a timer, and no such "
                       "connection there"),
            .title = "connections stand whose other end is gone, as the text tells",
            .subject = host_subject(s),
            .evidence = {message_evidence(said)},
            .cause = std::string(no_fin_came),
            .forecast = "each takes a descriptor until the program ends",
            .remedies = keep_watch()};
  return f;
}

}  // namespace

findings half_open_no_keepalive(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& u : unwatched_of(s)) {
    if (found.size() == findings_max) break;
    if (is_trouble(s, u)) found.push_back(half_open_of(s, u));
  }
  const auto* told = message_of(s, message_kind::peer_gone);
  if (found.empty() && told != nullptr) found.push_back(half_open_told_by(s, *told));
  return found;
}

}  // namespace waitstate::diagnosis
