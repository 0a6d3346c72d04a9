#include "judgement/open_questions.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "advice/system.h"
#include "judgement/near_limit.h"
#include "judgement/passing_states.h"
#include "judgement/tracked_questions.h"
#include "judgement/what_is_shown.h"
#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// What an error means that no finding explains.
std::string_view meaning_of(message_kind kind) {
  switch (kind) {
    case message_kind::connect_timed_out:
      return "nothing came back in time: the destination is down, something on the way drops, or "
             "its accept queue is full";
    case message_kind::connect_refused:
      return "the destination answered that nothing listens on that port (or a firewall said so)";
    case message_kind::connection_reset:
      return "the other side, or a device between, ended the connection while it was in use: it "
             "closed with data unread, crashed, or had forgotten an idle connection";
    case message_kind::pool_exhausted:
      return "all connections that a pool, or the server behind it, allows are taken: they leak, "
             "the peer is slow, or the bound is too small";
    case message_kind::lease_leaked:
      return "a pool's leak detector, or a finalizer, found a connection that nobody gave back";
    case message_kind::stale_connection:
      return "a pool had kept a connection that the server, or a device between, had closed";
    case message_kind::peer_gone:
      return "the other side vanished without a FIN, and without keep-alive nothing tells";
    case message_kind::port_not_permitted:
      return "the program may not have that port: below 1024 it needs root or "
             "CAP_NET_BIND_SERVICE, and a security policy may say no";
    case message_kind::limit_reached:
      return "the kernel has no room for more of these and drops what is new";
    default: return "a call failed";
  }
}

/// What to look at, beyond the sockets, for such an error.
std::string what_to_add(const snapshot& s, message_kind kind) {
  auto all = fmt::format("add the output of `{}`, taken while it happens",
                         advice_for(system_of(s)).list_sockets);
  if (system_of(s) != os_family::linux_kernel) return all;
  switch (kind) {
    case message_kind::connect_timed_out: return all + ", and of `ss -tln` on the destination";
    case message_kind::connect_refused: return all + ", and of `ss -tlnp` on the destination";
    case message_kind::connection_reset: return all + ", and of `nstat -az`";
    default: return all;
  }
}

void add_errors(const snapshot& s, std::vector<open_question>& questions) {
  std::set<message_kind> told;
  for (const auto& m : s.messages) {
    if (!told.insert(m.kind).second) continue;
    const auto lines = messages_of(s, m.kind);
    const auto often = lines > 1 ? fmt::format(", {} times", grouped(lines)) : std::string();
    questions.push_back(
        {.text = fmt::format("it says \"{}\"{}{}", to_string(m.kind), often,
                             shows_the_host(s) ? "" : ", and no sockets are shown"),
         .to_add = {.id = "error-not-explained",
                    .text = fmt::format("\"{}\": {}", to_string(m.kind), meaning_of(m.kind)),
                    .hint = what_to_add(s, m.kind)}});
  }
}

void add_refused_namespaces(const snapshot& s, std::vector<open_question>& questions) {
  const auto refused = s.namespaces_refused;
  if (refused == 0) return;
  questions.push_back(
      {.text = fmt::format("{} of {} may not be entered", grouped(refused),
                           counted(refused + s.namespaces.size(), "network namespace")),
       .to_add = {.id = "namespaces-not-seen",
                  .text = "what is wrong may be in one that was not seen",
                  .hint = "run as root"}});
}

/// Of a live look: what kept a part of the host from being seen, so that it may hold the trouble.
void add_unseen(const picture& seen, std::vector<open_question>& questions) {
  const auto& s = seen.s;
  if (s.source != source_kind::live) return;
  constexpr std::array<std::string_view, 3> telling{"incomplete-dump", "unread-messages",
                                                    "no-processes"};
  for (const auto& l : s.limits) {
    if (std::ranges::find(telling, l.id) == telling.end()) continue;
    questions.push_back({.text = l.text,
                         .to_add = {.id = "part-not-seen",
                                    .text = "what is wrong may be in what was not seen",
                                    .hint = "look again"}});
  }
  const bool counts_ports = std::ranges::any_of(
      seen.headrooms, [](const port_headroom& h) { return h.flows > 0 && h.supply.range_assumed; });
  if (!counts_ports) return;
  questions.push_back({.text =
                           "the range of local ports could not be read, so that nobody knows how "
                           "many are left",
                       .to_add = {.id = "port-range-not-seen",
                                  .text = "/proc/sys/net/ipv4/ip_local_port_range says it",
                                  .hint = "sysctl net.ipv4.ip_local_port_range"}});
}

void add_unread(const snapshot& s, std::vector<open_question>& questions) {
  for (const auto& l : s.limits) {
    if (l.id != "impossible-numbers") continue;
    questions.push_back({.text = l.text,
                         .to_add = {.id = "part-not-seen",
                                    .text = "what is wrong may be in what was left out",
                                    .hint = l.hint}});
  }
  // Rows that were read, at one for each socket: counts stand for many and are no rows.
  std::uint64_t read = s.listeners.size();
  for (const auto& g : s.groups) read += g.count;
  if (s.unread > read) {
    questions.push_back({.text = fmt::format("{} of {} that look like rows could not be read",
                                             grouped(s.unread), grouped(s.unread + read)),
                         .to_add = {.id = "rows-not-read",
                                    .text = "most of the text is in a form that is not known here",
                                    .hint = fmt::format("add the output of `{}`",
                                                        advice_for(system_of(s)).list_sockets)}});
  }
  // A few per cent may hide nothing that matters; more may.
  constexpr std::uint64_t few_percent = 3;
  const auto total = s.states().total();
  if (s.dropped * 100 > total * few_percent) {
    questions.push_back({.text = fmt::format("{} of {} sockets were left out past a bound",
                                             grouped(s.dropped), grouped(total)),
                         .to_add = {.id = "sockets-left-out",
                                    .text = "what was left out may be what is wrong",
                                    .hint = "paste a part, or counts by state and by peer"}});
  }
}

void add_stateless(const snapshot& s, std::vector<open_question>& questions) {
  const auto unknown = s.states().of(tcp::state::unknown);
  constexpr std::uint64_t many = 1'000;  // Fewer are an everyday number on any host.
  std::uint64_t in_use = 0;
  for (const auto& ns : s.namespaces) in_use = std::max(in_use, ns.totals.in_use.value_or(0));
  // What sockstat counts, and nothing beside it: more than most hosts ever have.
  constexpr std::uint64_t very_many = 10'000;
  std::uint64_t open = 0;
  for (const auto& ns : s.namespaces) open = std::max(open, ns.totals.established.value_or(0));
  if (s.source == source_kind::pasted && open >= very_many && s.states().total() == 0) {
    questions.push_back(
        {.text =
             fmt::format("{} are open, and nothing says with whom", counted(open, "connection")),
         .to_add = {.id = "peers-not-seen",
                    .text = "to one destination so many use up the ports, from many "
                            "clients they need none",
                    .hint = fmt::format("add the output of `{}`",
                                        advice_for(system_of(s)).list_sockets)}});
    return;
  }
  if (s.source == source_kind::pasted && in_use >= very_many && s.states().total() == 0) {
    questions.push_back({.text = fmt::format("{} are in use and their states are not shown",
                                             counted(in_use, "socket")),
                         .to_add = {.id = "states-not-seen",
                                    .text = "a number of sockets says nothing without their states",
                                    .hint = fmt::format("add the output of `{}`",
                                                        advice_for(system_of(s)).count_states)}});
    return;
  }
  if (s.source != source_kind::pasted || unknown == 0) return;
  const bool most = unknown * 2 > s.states().total();
  if (unknown < many && !most) return;
  if (unknown < many && shows_connections(s)) return;
  questions.push_back({.text = fmt::format("{} are counted and their states are not shown",
                                           counted(unknown, "socket")),
                       .to_add = {.id = "states-not-seen",
                                  .text = "a number of sockets says nothing without their states",
                                  .hint = fmt::format("add the output of `{}`",
                                                      advice_for(system_of(s)).count_states)}});
}

/// A count of descriptors says nothing without its limit, from where the usual one is near.
void add_descriptors(const snapshot& s, std::vector<open_question>& questions) {
  constexpr std::uint64_t usual_limit = 1'024;  // The soft limit that Linux starts with.
  if (s.source != source_kind::pasted) return;
  for (const auto& p : s.processes) {
    const auto open = p.fd_count.value_or(0);
    if (p.fd_limit || !is_near_limit(open, usual_limit)) continue;
    questions.push_back({.text = fmt::format("{} descriptors are counted and their limit is not "
                                             "shown",
                                             grouped(open)),
                         .to_add = {.id = "descriptor-limit-not-seen",
                                    .text = "how near that is to the limit decides",
                                    .hint = "add the output of `grep 'open files' "
                                            "/proc/PID/limits`, and of the count a minute later"}});
    return;
  }
}

/// So many TIME-WAIT that they matter if this side opened the connections, and nobody says so: a
/// quarter of the ports, as where the side is known (short-connections).
/// Where nothing else was counted, 16 closes a second: the least that anybody asks about.
void add_unplaced_time_wait(const picture& seen, std::vector<open_question>& questions) {
  constexpr std::uint64_t worth_asking = 1'000;
  const auto& s = seen.s;
  const auto usable = seen.ports.supply(0).usable();
  const bool is_alone = seen.unplaced_time_wait >= worth_asking && !shows_open(s);
  if (s.source != source_kind::pasted || (seen.unplaced_time_wait * 4 < usable && !is_alone)) {
    return;
  }
  questions.push_back(
      {.text = fmt::format("{} in TIME-WAIT, and what was read does not tell on which side: a "
                           "server's block no port, a client's hold up to that many of {}",
                           counted(seen.time_wait, "socket"), grouped(usable)),
       .to_add = {
           .id = "time-wait-side-unknown",
           .text = "the TIME-WAIT sockets do not say which side of their connections they are",
           .hint =
               fmt::format("add the output of `{}`", advice_for(system_of(s)).list_time_wait)}});
}

/// One client whose connections were all closed here: a probe, or a client that connects for each
/// request and so may run out of ports on its own host, which is not seen.
void add_one_client(const picture& seen, std::vector<open_question>& questions) {
  constexpr std::uint64_t rows_min = 5;
  const auto& s = seen.s;
  if (s.source != source_kind::pasted || s.groups.size() != 1) return;
  const auto& only = s.groups.front();
  const auto& client = only.key.remote.address;
  const bool is_it = only.key.state == tcp::state::time_wait &&
                     only.key.direction == direction::inbound && only.count >= rows_min &&
                     client.is_known() && !client.is_loopback();
  if (!is_it) return;
  questions.push_back(
      {.text =
           fmt::format("the {} of one client ({}) with port {} were all closed here after a "
                       "request, and none is open: a probe, or a client that connects for "
                       "each request",
                       counted(only.count, "connection"), s.text_of(client), only.key.local.port),
       .to_add = {.id = "client-not-seen",
                  .text = "here such TIME-WAIT block no port; whether the client has ports enough, "
                          "only its own host shows",
                  .hint = fmt::format("add the output of `{}` on that host",
                                      advice_for(system_of(s)).count_states)}});
}

/// Nothing but connects under way: one that is answered is gone within a round trip, and one that
/// is not stays for minutes.
void add_connecting(const snapshot& s, std::vector<open_question>& questions) {
  const auto states = s.states();
  const auto connecting = states.of(tcp::state::syn_sent);
  const bool is_alone = connecting > 0 && s.listeners.empty() && connecting == states.total();
  if (s.source != source_kind::pasted || !is_alone) return;
  questions.push_back(
      {.text =
           fmt::format("{} in SYN-SENT and nothing else {} shown: an answered one is gone within "
                       "a round trip",
                       connecting == 1 ? "1 connect" : counted(connecting, "connect"),
                       connecting == 1 ? "is" : "are"),
       .to_add = {.id = "connects-seen-once",
                  .text = "whether the connects are answered is not seen in one look",
                  .hint = fmt::format("add the output of `{}` three seconds later",
                                      advice_for(system_of(s)).list_sockets)}});
}

/// Rows of nothing but open connections, whose timers are shown and do not run: it cannot be seen
/// whether anybody is at the other end.
void add_unwatched(const snapshot& s, std::vector<open_question>& questions) {
  if (s.source != source_kind::pasted || s.groups.empty() || !s.listeners.empty()) return;
  std::uint64_t unwatched = 0;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::established || g.no_timer != g.count) return;
    unwatched += g.count;
  }
  questions.push_back(
      {.text = fmt::format("{} {} no keep-alive timer: should the other end vanish without a FIN, "
                           "nothing would tell",
                           counted(unwatched, "open connection"), unwatched == 1 ? "has" : "have"),
       .to_add = {.id = "peers-not-seen",
                  .text = "whether the other ends are still there is not seen",
                  .hint = fmt::format("add the output of `{}`, and of the same on the other side",
                                      advice_for(system_of(s)).list_sockets)}});
}

/// What the text says in prose, of which its rows and counts show a small part.
void add_statement(const snapshot& s, std::vector<open_question>& questions) {
  if (!s.statement || s.statement->sockets <= 2 * s.states().total()) return;
  questions.push_back({.text = fmt::format("it says \"{}\", and {} shown", s.statement->text,
                                           s.states().total() == 1
                                               ? "1 socket is"
                                               : counted(s.states().total(), "socket") + " are"),
                       .to_add = {.id = "statement-not-shown",
                                  .text = "a number in a sentence tells neither side nor peer",
                                  .hint = fmt::format("add the output of `{}`",
                                                      advice_for(system_of(s)).count_states)}});
}

}  // namespace

std::vector<open_question> open_questions(const picture& seen) {
  std::vector<open_question> questions;
  add_errors(seen.s, questions);
  add_refused_namespaces(seen.s, questions);
  add_unseen(seen, questions);
  add_unread(seen.s, questions);
  add_stateless(seen.s, questions);
  add_descriptors(seen.s, questions);
  add_unplaced_time_wait(seen, questions);
  add_one_client(seen, questions);
  add_connecting(seen.s, questions);
  add_passing_states(seen.s, questions);
  add_unwatched(seen.s, questions);
  add_tracked_questions(seen.s, questions);
  add_statement(seen.s, questions);
  return questions;
}

}  // namespace waitstate::diagnosis
