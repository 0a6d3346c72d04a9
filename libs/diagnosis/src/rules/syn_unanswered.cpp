#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "advice/packets.h"
#include "judgement/most_first.h"
#include "judgement/other_end.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/close_wait_text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::size_t destinations_shown = 5;

struct unanswered {
  std::uint32_t net_namespace = 0;
  owner_ref owner;
  std::uint64_t count = 0;
  std::uint64_t sent_again = 0;  ///< Whose SYN was sent three times: unanswered for three seconds.
  std::map<tcp::endpoint, std::uint64_t> by_destination;
  bool is_rows = false;
};

/// By program: the workers of one server have pids of their own and wait for the same back ends.
std::vector<unanswered> unanswered_of(const snapshot& s) {
  std::map<std::pair<std::uint32_t, std::string>, unanswered> by_program;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::syn_sent) continue;
    const auto* process = s.owner_of(g.key.owner);
    auto& one = by_program[{g.key.net_namespace, process == nullptr ? "" : process->name}];
    if (one.count == 0) one.owner = g.key.owner;
    one.net_namespace = g.key.net_namespace;
    one.count += g.count;
    one.sent_again += g.sent_again_at_least(2);
    one.by_destination[g.key.remote] += g.count;
    one.is_rows = one.is_rows || g.key.remote.address.is_known();
  }
  std::vector<unanswered> all;
  all.reserve(by_program.size());
  for (auto& [key, one] : by_program) all.push_back(std::move(one));
  sort_most_first(all, &unanswered::count);
  return all;
}

std::vector<std::pair<std::uint64_t, tcp::endpoint>> most_first(const unanswered& u) {
  std::vector<std::pair<std::uint64_t, tcp::endpoint>> destinations;
  destinations.reserve(u.by_destination.size());
  for (const auto& [destination, count] : u.by_destination) {
    destinations.emplace_back(count, destination);
  }
  sort_most_first(destinations, [](const auto& one) { return one.first; });
  return destinations;
}

one_end end_of(const unanswered& u, const tcp::endpoint& destination) {
  return {.net_namespace = u.net_namespace, .side = direction::outbound, .endpoint = destination};
}

/// They wait for a place in queues of this host that nobody empties: those are the finding.
bool waits_for_stuck_queues(const picture& seen, const unanswered& u) {
  return std::ranges::all_of(u.by_destination, [&](const auto& one) {
    const auto others = other_ends_of(seen.s, end_of(u, one.first));
    return !others.empty() &&
           contains(seen.stuck_ports, others.front().net_namespace, one.first.port);
  });
}

/// A SYN that is answered is gone within a round trip. So many at one moment to one place are more
/// than a burst; spread over few places it takes twice as many.
constexpr std::uint64_t many = 20;
/// In rows of a paste: so many that are a tenth of all, or so many with next to nothing else.
constexpr std::uint64_t several_rows = 5;
constexpr std::uint64_t alone_rows = 3;
/// A mere count has to be a quarter of what is open.
constexpr std::uint64_t part_of_open = 4;

/// A crawler or a scanner has many to as many hosts, of which most are simply not there. Of others
/// one SYN that was sent three times is enough: a peer that is there answers the first.
bool is_trouble(const snapshot& s, const unanswered& u) {
  const auto most_to_one = most_first(u).front().first;
  const bool few_destinations = u.count >= 2 * u.by_destination.size();
  constexpr std::size_t back_ends_max = 3;
  if (u.sent_again > 0 && (few_destinations || u.by_destination.size() <= back_ends_max)) {
    return true;
  }
  if (s.source == source_kind::live)
    return most_to_one >= many || (u.count >= 2 * many && few_destinations);
  if (u.is_rows) {
    const auto states = s.states();
    const auto connections = states.total() - states.of(tcp::state::listen);
    const bool says_many = s.statement && s.statement->of_rows && s.statement->sockets >= many;
    const bool alone = (u.count >= alone_rows || says_many) && u.count * 10 >= connections * 9;
    return alone || (u.count >= several_rows && u.count * 10 >= connections);
  }
  return u.count >= many && u.count * part_of_open >= s.states().of(tcp::state::established);
}

std::vector<remedy> remedies_to(const snapshot& s, const tcp::endpoint& e) {
  return {watch_packets(s, e, packets::handshakes),
          {.text = "Look for a firewall that drops, a full conntrack table on the way, and, on the "
                   "destination, an accept queue that is full",
           .command = "nft list ruleset    # or: iptables -nvL\n"
                      "ss -tln             # there: Recv-Q against Send-Q of the listener\n"},
          {.text = "Give connect() a time-out of seconds: by default the kernel tries for two "
                   "minutes, and each try holds a descriptor and a port"}};
}

constexpr std::string_view why =
    "No answer to a SYN comes back, neither acceptance nor refusal: the destination is down or "
    "unreachable, something on the way drops, or its accept queue is full and the kernel there "
    "drops. A program that is not listening would refuse at once.";

/// A SYN that was sent three times has waited for three seconds.
certainty certainty_of(const unanswered& u) {
  if (u.sent_again > 0) return {};
  return likely("a burst of connects whose answers were on their way",
                "a second look after three seconds: those still in SYN-SENT get none");
}

finding unanswered_finding(const snapshot& s, const unanswered& u) {
  const auto owner = owner_text(s, u.owner);
  const auto destinations = most_first(u);
  const auto& [most, first] = destinations.front();
  const auto to = destinations.size() == 1 ? known_text(s, first)
                                           : grouped(destinations.size()) + " destinations";
  finding f{.id = "syn-unanswered",
            .severity = severity::warning,
            .certainty = certainty_of(u),
            .title = fmt::format("{}{} unanswered{}", owner.empty() ? "" : owner + ": ",
                                 u.count == 1 ? "1 connection attempt is"
                                              : counted(u.count, "connection attempt") + " are",
                                 to.empty() ? "" : " by " + to),
            .subject = known_text(s, first).empty()
                           ? host_subject(s)
                           : destination_subject(s, first, u.owner, u.net_namespace),
            .cause = std::string(why),
            .remedies = remedies_to(s, first)};
  if (u.sent_again > 0) {
    f.evidence.push_back({.fact = "SYN sent three times or more",
                          .value = grouped(u.sent_again),
                          .source = source_of(s)});
  }
  for (const auto& [count, destination] : destinations) {
    if (f.evidence.size() == destinations_shown) break;
    const auto text = known_text(s, destination);
    f.evidence.push_back({.fact = text.empty() ? "SYN-SENT" : "SYN-SENT to " + text,
                          .value = grouped(count),
                          .source = source_of(s)});
  }
  add_other_end(s, end_of(u, first), f.evidence);
  return f;
}

/// SYNs that a connection tracking table has seen no answer to, most to one destination.
findings unanswered_through(const snapshot& s) {
  std::uint64_t to_any = 0;
  const tracked_flows* most = nullptr;
  for (const auto& t : s.tracked) {
    if (!t.unreplied || t.state != "SYN_SENT") continue;
    to_any += t.count;
    if (most == nullptr) most = &t;  // They are in order.
  }
  // A scanner has as many to as many hosts; twenty to one place are more than a burst.
  if (most == nullptr || most->count < many) return {};
  const auto to = s.text_of(most->destination);
  return {
      {.id = "syn-unanswered",
       .severity = severity::warning,
       .certainty = likely("answers that take another way than through this host",
                           "a capture at the destination: whether the SYNs come there, and "
                           "where its answers go"),
       .title = fmt::format("{} to {} are unanswered where this host tracks them",
                            counted(most->count, "connection attempt"), to),
       .subject = destination_subject(s, most->destination, {}, 0),
       .evidence = {{.fact = "SYN_SENT [UNREPLIED] to " + to,
                     .value = fmt::format("{} of {} to any", grouped(most->count), grouped(to_any)),
                     .source = source_of(s)}},
       .cause = std::string(why),
       .remedies = remedies_to(s, most->destination)}};
}

/// Clients' SYNs that a capture shows to come here and not to be answered.
findings unanswered_here(const snapshot& s) {
  constexpr std::uint64_t lost_min = 3;  // One or two are lost by chance.
  findings found;
  for (const auto& c : s.captured) {
    if (c.direction != direction::inbound || c.unanswered < lost_min) continue;
    const auto on = s.text_of(c.service);
    found.push_back(
        {.id = "syn-unanswered",
         .severity = severity::warning,
         .certainty =
             likely("a firewall of this host that drops them: a capture is taken before it",
                    "the accept queue: `ss -tln`, Recv-Q against Send-Q, and `nstat -az "
                    "TcpExtListenOverflows`"),
         .title = fmt::format("{} of clients to {} {} no answer from this host",
                              counted(c.unanswered, "connection attempt"), on,
                              c.unanswered == 1 ? "gets" : "get"),
         .subject = listener_subject(s, c.service, {}, 0),
         .evidence = {{.fact = "SYNs without SYN-ACK or reset",
                       .value = fmt::format("{} of {}", grouped(c.unanswered),
                                            counted(c.flows, "connection")),
                       .source = source_of(s)}},
         .cause =
             "The SYNs arrive, and neither acceptance nor refusal goes back. A port that nobody "
             "listens on would be refused at once, so the listener's accept queue is full and the "
             "kernel drops, or a firewall does.",
         .remedies = remedies_to(s, c.service)});
  }
  return found;
}

/// Programs that complain about time-outs, in a paste that shows no other trouble of theirs.
findings complaints(const snapshot& s) {
  const auto* said = message_of(s, message_kind::connect_timed_out);
  if (said == nullptr || s.states().of(tcp::state::close_wait) > 0) return {};
  const auto destination = said->endpoint.value_or(tcp::endpoint{});
  const auto to = known_text(s, destination);
  const auto lines = messages_of(s, message_kind::connect_timed_out);
  return {{.id = "syn-unanswered",
           .severity = severity::warning,
           .certainty = likely("the program's own time-out is shorter than a handshake takes there",
                               "SYN-SENT sockets while it waits: `ss -tano state syn-sent` shows "
                               "how often each was sent"),
           .title = fmt::format("{} timed out{}", counted(lines, "connection attempt"),
                                to.empty() ? "" : " to " + to),
           .subject = to.empty() ? host_subject(s) : destination_subject(s, destination, {}, 0),
           .evidence = {message_evidence(*said)},
           .cause = std::string(why),
           .remedies = remedies_to(s, destination)}};
}

}  // namespace

findings syn_unanswered(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& u : unanswered_of(s)) {
    if (found.size() == findings_max) break;
    if (is_trouble(s, u) && !waits_for_stuck_queues(seen, u))
      found.push_back(unanswered_finding(s, u));
  }
  if (found.empty()) found = unanswered_through(s);
  if (found.empty()) found = unanswered_here(s);
  return found.empty() ? complaints(s) : found;
}

}  // namespace waitstate::diagnosis
