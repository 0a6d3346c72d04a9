#include "judgement/accept_queue.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "judgement/close_wait_piles.h"
#include "judgement/direction.h"
#include "judgement/most_first.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// Backlogs that programs and systems use unasked.
constexpr std::array<std::uint64_t, 10> default_backlogs{50,  100, 128,  200,  256,
                                                         511, 512, 1024, 2048, 4096};

/// A queue is full on Linux one past its backlog (sk_acceptq_is_full: queue > backlog).
bool stands_at_a_default(std::uint64_t queue) {
  return std::ranges::any_of(
      default_backlogs, [&](auto backlog) { return queue == backlog || queue == backlog + 1; });
}

/// Whoever pastes so few listeners, and next to nothing else, has picked them out.
constexpr std::size_t picked_listeners_max = 3;
/// A program that accepts in a loop leaves none; one between two turns of a slow loop a handful.
constexpr std::uint64_t long_queue = 32;
/// Fewer, and young, are clients that gave up while the program was busy for a moment.
constexpr std::uint64_t many_given_up = 10;

bool is_about_alone(const snapshot& s) {
  return s.listeners.size() <= picked_listeners_max && s.states().total() <= 2 * s.listeners.size();
}

bool is_long_for_a_moment(std::uint64_t queue) {
  return queue >= long_queue || stands_at_a_default(queue);
}

bool was_never_accepted(const snapshot& s, const socket_group& g) {
  return g.key.owner.kind == ownership::none && side_of(s, g).direction == direction::inbound;
}

/// Requests that lie unread where handshakes hang as well: only a full accept queue keeps both, as
/// the kernel drops the last segment of a handshake then (tcp_v4_syn_recv_sock).
bool waits_behind_handshakes(const snapshot& s, const socket_group& g) {
  const bool has_requests = g.with_queues > 0 && g.receive_queue_more == g.with_queues &&
                            g.receive_queue_bytes > tls_goodbye_max * g.with_queues;
  if (g.key.owner.kind == ownership::owned || !has_requests) return false;
  if (g.key.local.port == 0 || side_of(s, g).direction != direction::inbound) return false;
  return std::ranges::any_of(s.groups, [&](const socket_group& other) {
    return other.key.state == tcp::state::syn_received &&
           other.key.net_namespace == g.key.net_namespace &&
           other.key.local.port == g.key.local.port;
  });
}

using port_key = std::pair<std::uint32_t, std::uint16_t>;

std::map<port_key, stuck_port> unaccepted_ports(const snapshot& s) {
  std::map<port_key, stuck_port> ports;
  const bool shown = shows_owners(s);
  for (const auto& g : s.groups) {
    const bool gave_up = g.key.state == tcp::state::close_wait;
    const bool waits = g.key.state == tcp::state::established && s.source == source_kind::live;
    if (!gave_up && !waits) continue;
    if (!(shown ? was_never_accepted(s, g) : gave_up && waits_behind_handshakes(s, g))) continue;
    auto& port = ports[{g.key.net_namespace, g.key.local.port}];
    port.net_namespace = g.key.net_namespace;
    port.local = g.key.local;
    (gave_up ? port.gave_up : port.waiting).merge(g);
  }
  return ports;
}

std::uint64_t queue_of(const stuck_port& p) {
  return p.listening == nullptr ? 0 : p.listening->accept_queue.value_or(0);
}

bool many_gave_up(const snapshot& s, const stuck_port& p) {
  // A queue that is shown empty holds none of these: they are on their way out.
  const bool queue_is_empty = p.listening != nullptr && p.listening->accept_queue == 0U;
  if (queue_is_empty || p.gave_up.count == 0) return false;
  const auto over_a_second = p.gave_up.age.known() - p.gave_up.age.count.front();
  if (s.source == source_kind::live && p.gave_up.age.known() > 0) {
    // Younger ones are the last of a busy server, which gets to them in a moment.
    return over_a_second >= many_given_up || p.gave_up.age.over_a_minute() > 0;
  }
  if (s.source == source_kind::pasted) {
    // A few beside a pile that a program holds are what that pile leads to.
    const auto all = s.states().of(tcp::state::close_wait);
    return p.gave_up.count >= many_given_up || p.gave_up.count * 2 >= all;
  }
  return p.gave_up.count >= many_given_up || p.gave_up.age.over_a_minute() > 0;
}

bool waits_too_long(const stuck_port& p, bool full) {
  // accept() takes microseconds, so a second is long; one may be a program that just started.
  constexpr std::uint64_t several = 3;
  constexpr std::uint32_t long_ms = 10'000;  // One that waits so long is no start-up.
  const auto waiting = p.over_a_second();
  return waiting >= several || p.waiting.age_max_ms >= long_ms || (full && waiting > 0);
}

}  // namespace

std::uint64_t stuck_port::over_a_second() const {
  return waiting.age.known() - waiting.age.count.front();
}

std::uint32_t stuck_port::oldest_ms() const {
  // A place in the queue is kept by a client that gave up, too.
  return std::max(waiting.age_max_ms, gave_up.age_max_ms);
}

bool has_stuck_queue(const snapshot& s, const listener& l, const stuck_port& port) {
  const auto queue = l.accept_queue.value_or(0);
  if (queue == 0) return false;
  // netstat prints 0 for the backlog of every listener, so 0 is "not known".
  const auto backlog = l.backlog.value_or(0);
  const bool full = backlog > 0 && queue >= backlog;
  if (s.source == source_kind::live && port.waiting.age.known() > 0) {
    return waits_too_long(port, full);
  }
  if (backlog == 1 && queue == 1) return false;
  if (full) return true;
  if (s.source == source_kind::live) return false;
  // Below half of a backlog that is known, a queue is what bursts leave for a moment.
  if (backlog > 0) return queue * 2 >= backlog;
  return is_about_alone(s) || is_long_for_a_moment(queue);
}

std::vector<stuck_port> stuck_ports_of(const snapshot& s,
                                       const std::vector<watched_queue>& watched) {
  auto by_port = unaccepted_ports(s);
  for (const auto& l : s.listeners) {
    const port_key key{l.net_namespace, l.local.port};
    const auto known = by_port.find(key);
    if (known == by_port.end() && !has_stuck_queue(s, l)) continue;
    auto& port = by_port[key];
    if (port.listening != nullptr && queue_of(port) >= l.accept_queue.value_or(0)) continue;
    port.net_namespace = l.net_namespace;
    port.local = l.local;
    port.listening = &l;
  }
  for (const auto& w : watched) {
    const auto known = by_port.find({w.net_namespace, w.port});
    if (known != by_port.end()) known->second.taken = w.taken;
  }
  std::vector<stuck_port> ports;
  for (const auto& [key, port] : by_port) {
    const bool queue_is_stuck =
        port.listening != nullptr && has_stuck_queue(s, *port.listening, port);
    if (queue_is_stuck || many_gave_up(s, port)) ports.push_back(port);
  }
  sort_most_first(ports,
                  [](const stuck_port& p) { return std::pair(queue_of(p), p.gave_up.count); });
  return ports;
}

const message* queue_said_to_stand(const snapshot& s) {
  // A loop of accept() takes a thousand in some ten milliseconds.
  constexpr std::uint64_t long_to_accept = 1'000;
  const auto* said = message_of(s, message_kind::listen_overflow);
  if (said == nullptr) return nullptr;
  const auto queued = said->queued.value_or(0);
  return queued >= long_to_accept && said->count > queued ? said : nullptr;
}

std::vector<const listener*> overrun_listeners(const snapshot& s) {
  std::vector<const listener*> overrun;
  if (s.source != source_kind::live) return overrun;
  const auto unaccepted = unaccepted_ports(s);
  for (const auto& l : s.listeners) {
    // Full is one past the backlog: only then does the kernel drop (sk_acceptq_is_full).
    const auto backlog = l.backlog.value_or(0);
    if (backlog == 0 || l.accept_queue.value_or(0) <= backlog) continue;
    const auto known = unaccepted.find({l.net_namespace, l.local.port});
    if (known == unaccepted.end() || known->second.waiting.age.known() == 0) continue;
    if (!has_stuck_queue(s, l, known->second)) overrun.push_back(&l);
  }
  return overrun;
}

bool contains(const std::vector<stuck_port>& ports, std::uint32_t net_namespace,
              std::uint16_t port) {
  return std::ranges::any_of(ports, [&](const stuck_port& p) {
    return p.net_namespace == net_namespace && p.local.port == port;
  });
}

std::uint64_t waiting_on(const std::vector<stuck_port>& ports) {
  std::uint64_t waiting = 0;
  for (const auto& p : ports) waiting += queue_of(p);
  return waiting;
}

}  // namespace waitstate::diagnosis
