#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/tcp/endpoint.h"
#include "waitstate/tcp/state.h"

namespace waitstate {

/// What the sockets of one group have in common.
///
/// `local.port` is kept only for inbound sockets (it is the listener's), `remote.port` only for
/// outbound ones; where the direction is unknown both are dropped unless one of them is a service
/// the source knows of. A dropped or unknown part is 0, or an address of kind none.
struct group_key {
  std::uint32_t net_namespace = 0;
  tcp::state state = tcp::state::unknown;
  waitstate::direction direction = direction::unknown;
  owner_ref owner;
  tcp::endpoint local;
  tcp::endpoint remote;

  friend auto operator<=>(const group_key&, const group_key&) = default;
};

/// How old the sockets of a group are, in classes; the last class has no upper bound.
struct age_classes {
  static constexpr std::array<std::uint32_t, 6> bounds_ms{1'000,   10'000,    60'000,
                                                          600'000, 3'600'000, 86'400'000};
  std::array<std::uint64_t, bounds_ms.size() + 1> count{};

  void add(std::uint32_t age_ms, std::uint64_t sockets);
  /// How many are known to be older than 60 s.
  [[nodiscard]] std::uint64_t over_a_minute() const;
  [[nodiscard]] std::uint64_t known() const;

  friend bool operator==(const age_classes&, const age_classes&) = default;
};

/// Sockets that share a key: counts and distributions, never the sockets themselves.
struct socket_group {
  group_key key;
  std::uint64_t count = 0;

  /// Sockets whose queues the source shows; the queue counts below are among these.
  std::uint64_t with_queues = 0;
  std::uint64_t receive_queue_empty = 0;  ///< Recv-Q 0.
  std::uint64_t receive_queue_one = 0;    ///< Recv-Q 1: on Linux, in CLOSE-WAIT, the FIN alone.
  std::uint64_t receive_queue_more = 0;   ///< Recv-Q over 1: unread bytes.
  std::uint64_t receive_queue_bytes = 0;
  std::uint64_t receive_queue_max = 0;
  std::uint64_t send_queue_filled = 0;  ///< Send-Q over 0.
  std::uint64_t send_queue_bytes = 0;

  /// Ages. For TIME-WAIT and FIN-WAIT-2 minisockets exact, from the timer; for CLOSE-WAIT the
  /// lower bound (see socket_record::last_ack_ms), in `age_upper` the upper one.
  age_classes age;
  age_classes age_upper;
  std::uint32_t age_max_ms = 0;  ///< The highest lower bound.

  /// For TIME-WAIT: how many closed in each of the last twelve 5-second slots, newest first.
  static constexpr std::uint32_t slot_ms = 5'000;
  std::array<std::uint32_t, 12> closed_in_slot{};

  std::uint64_t with_timer_column = 0;  ///< Sockets whose timer the source shows.
  std::uint64_t keepalive_timer = 0;    ///< Of these, with the keep-alive timer running.
  std::uint64_t no_timer = 0;           ///< Of these, with no timer at all.

  /// Sockets whose retransmission timer runs, by how often the oldest segment was sent again;
  /// the last class has no upper bound.
  std::array<std::uint64_t, 4> sent_again{};
  std::uint8_t sent_again_max = 0;
  /// Of those that sent it again three times or more: bytes not acknowledged, and the longest
  /// time that nothing came back.
  std::uint64_t unanswered_bytes = 0;
  std::uint32_t unanswered_for_ms = 0;

  /// Sockets with bytes to send whose peer's window has been shut for seconds, and for how long at
  /// least: the kernel probes it after times that double, so that it was shut before for about as
  /// long as the next probe is away.
  std::uint64_t window_shut = 0;
  std::uint32_t window_shut_ms = 0;

  /// Sockets whose unread bytes have lain there for a second or longer (no data came since), and
  /// the longest time.
  std::uint64_t unread_standing = 0;
  std::uint32_t unread_standing_ms = 0;
  /// Those among them of which the program has never read a byte.
  std::uint64_t never_read = 0;

  /// CLOSE-WAIT with nothing unread but the FIN: the time from the last data to the FIN, which is
  /// the peer's idle time-out where it is the same on all of them.
  std::uint64_t idle_before_fin = 0;  ///< How many of them tell it.
  std::uint32_t idle_before_fin_min_ms = 0;
  std::uint32_t idle_before_fin_max_ms = 0;
  /// Sockets that carried more than one exchange, by data_segments_sent.
  std::uint64_t used_again = 0;

  std::uint64_t odd_local_ports = 0;  ///< Of sockets whose local port is known.
  std::uint64_t even_local_ports = 0;
  std::uint16_t local_port_low = 0;  ///< The lowest and the highest of these; 0: none is known.
  std::uint16_t local_port_high = 0;
  std::uint64_t local_ports_in_range = 0;  ///< Local ports in the ephemeral range, not reserved.
  std::uint64_t no_port_option_on = 0;     ///< IP_BIND_ADDRESS_NO_PORT seen set.
  std::uint64_t no_port_option_off = 0;    ///< Seen not set.

  /// Sockets per second that came (or went, when negative) between two looks or in a pasted series.
  std::optional<double> growth_per_second;
  /// TIME-WAIT: between two looks the timers of the oldest and the newest did not run down.
  bool timers_stand_still = false;
  /// Remote addresses were folded into this group because the builder was full.
  bool folded = false;

  std::optional<socket_record> oldest;
  std::optional<socket_record> newest;
  std::optional<socket_record> fullest;  ///< The longest receive queue, when over 0.

  /// Takes one record in (or `count` of them). The key is not looked at.
  void add(const socket_record& s, bool local_port_in_range);
  /// Adds what another group holds; keys are not looked at, growth rates add up.
  void merge(const socket_group& other);

  /// Sockets that sent the same segment again at least `times` (up to 3) times.
  [[nodiscard]] std::uint64_t sent_again_at_least(std::size_t times) const;

  /// TIME-WAIT closes a second over the last minute, from the timers; 0 without timers.
  [[nodiscard]] double closes_per_second() const;
};

/// How long a socket has been in its state, as an interval in milliseconds, where its source shows
/// enough: TIME-WAIT exactly, from its 60 s timer (include/net/tcp.h TCP_TIMEWAIT_LEN); the other
/// states exactly by in_state_ms, else between last_ack_ms and last_data_ms. Of an ESTABLISHED one
/// this is how long it is idle.
struct age_interval {
  std::uint32_t lower_ms;
  std::uint32_t upper_ms;
};
[[nodiscard]] std::optional<age_interval> age_of(const socket_record& s);

}  // namespace waitstate

template <>
struct std::hash<waitstate::group_key> {
  std::size_t operator()(const waitstate::group_key& k) const noexcept;
};
