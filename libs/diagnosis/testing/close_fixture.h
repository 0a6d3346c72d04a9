#pragma once

#include <cstdint>
#include <string_view>

#include "ports_fixture.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

/// Snapshots for the tests of the rules about closing: groups are made with plain words and put
/// into a snapshot, which counts them as a builder would.
namespace waitstate::diagnosis {

/// A group under construction: `close_wait_to("10.0.0.7", 9443, 400).of(owner).unread(1)`.
struct sockets {
  socket_group group;

  [[nodiscard]] sockets of(const owner_ref& owner) const {
    auto made = *this;
    made.group.key.owner = owner;
    return made;
  }
  [[nodiscard]] sockets of_nobody() const { return of({.kind = ownership::none}); }
  /// All with this Recv-Q.
  [[nodiscard]] sockets with_queue(std::uint64_t receive_queue) const {
    auto made = *this;
    auto& g = made.group;
    g.with_queues = g.count;
    (receive_queue == 0   ? g.receive_queue_empty
     : receive_queue == 1 ? g.receive_queue_one
                          : g.receive_queue_more) = g.count;
    g.receive_queue_bytes = receive_queue * g.count;
    g.receive_queue_max = receive_queue;
    return made;
  }
  /// All this old.
  [[nodiscard]] sockets aged(std::uint32_t age_ms) const {
    auto made = *this;
    made.group.age = {};
    made.group.age.add(age_ms, group.count);
    made.group.age_max_ms = age_ms;
    return made;
  }
  [[nodiscard]] sockets growing(double per_second) const {
    auto made = *this;
    made.group.growth_per_second = per_second;
    return made;
  }
  /// Recv-Q 1, each closed by the peer this long after its last data.
  [[nodiscard]] sockets idle_before_fin(std::uint32_t least_ms, std::uint32_t most_ms) const {
    auto made = with_queue(1);
    made.group.idle_before_fin = group.count;
    made.group.idle_before_fin_min_ms = least_ms;
    made.group.idle_before_fin_max_ms = most_ms;
    return made;
  }
  /// The newest of them is this old.
  [[nodiscard]] sockets newest(std::uint32_t age_ms) const {
    auto made = *this;
    made.group.newest =
        socket_record{.state = group.key.state, .last_data_ms = age_ms, .last_ack_ms = age_ms};
    return made;
  }
  /// With unread bytes that have lain there for so long.
  [[nodiscard]] sockets unread_for(std::uint32_t ms) const {
    auto made = with_queue(100).aged(ms);
    made.group.unread_standing = group.count;
    made.group.unread_standing_ms = ms;
    return made;
  }
  /// The same, and nothing was ever read.
  [[nodiscard]] sockets untouched_for(std::uint32_t ms) const {
    auto made = unread_for(ms);
    made.group.never_read = group.count;
    return made;
  }
  /// Sent again so often, 100 bytes each.
  [[nodiscard]] sockets sent_again(std::uint8_t times) const {
    auto made = *this;
    made.group.sent_again[times < 3 ? times : 3] = group.count;
    made.group.sent_again_max = times;
    if (times >= 3) made.group.unanswered_bytes = 100 * group.count;
    return made;
  }
  /// With a timer column that shows no timer.
  [[nodiscard]] sockets without_timer() const {
    auto made = *this;
    made.group.with_timer_column = made.group.no_timer = group.count;
    return made;
  }
};

inline sockets to(tcp::state state, const char* remote, std::uint16_t port, std::uint64_t count) {
  return {outbound(state, remote, port, count)};
}

inline sockets on(tcp::state state, std::uint16_t port, const char* peer, std::uint64_t count) {
  auto group = inbound(state, port, count);
  group.key.remote = endpoint_of(peer, 0);
  return {group};
}

/// A count that says no address; a port of which nobody knows the side, or 0.
inline sockets counts(tcp::state state, std::uint64_t count, std::uint16_t port = 0) {
  sockets made;
  made.group.key.state = state;
  made.group.key.local.port = port;
  made.group.count = count;
  return made;
}

inline void put(snapshot& s, const sockets& added) {
  s.namespaces[added.group.key.net_namespace].states.add(added.group.key.state, added.group.count);
  s.groups.push_back(added.group);
}

inline listener& put_listener(snapshot& s, const char* address, std::uint16_t port,
                              std::uint64_t queue, std::uint64_t backlog, owner_ref owner = {}) {
  s.namespaces[0].states.add(tcp::state::listen, 1);
  s.listeners.push_back({.local = endpoint_of(address, port),
                         .owner = owner,
                         .accept_queue = queue,
                         .backlog = backlog});
  return s.listeners.back();
}

/// Has some evidence, remedy or sentence of the finding these words in it?
inline bool mentions(const finding& f, std::string_view words) {
  const auto has = [&](const std::string& text) { return text.contains(words); };
  for (const auto& e : f.evidence) {
    if (has(e.fact) || has(e.value) || has(e.source)) return true;
  }
  for (const auto& r : f.remedies) {
    if (has(r.text) || has(r.command) || has(r.risk)) return true;
  }
  return has(f.title) || has(f.cause) || has(f.forecast);
}

}  // namespace waitstate::diagnosis
