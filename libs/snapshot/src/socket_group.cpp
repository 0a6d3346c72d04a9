#include "waitstate/snapshot/socket_group.h"

#include <algorithm>
#include <numeric>

namespace waitstate {
namespace {

constexpr std::uint32_t time_wait_ms = 60'000;  // TCP_TIMEWAIT_LEN

/// From how often the SYN was sent again: after a second each time at first, or after times that
/// double from one second on (net.ipv4.tcp_syn_linear_timeouts), so that `n` times have taken from
/// n to 2^n - 1 seconds.
std::optional<age_interval> age_of_connect(const socket_record& s) {
  if (s.timer != socket_timer::retransmit) return std::nullopt;
  constexpr std::uint32_t second_ms = 1'000;
  constexpr std::uint32_t doublings_max = 7;  // Of 120 s at most, TCP_RTO_MAX.
  const auto doubled = std::min<std::uint32_t>(s.retransmits + 1U, doublings_max);
  const auto capped = s.retransmits + 1U - doubled;
  const auto most = ((1U << doubled) - 1) * second_ms + capped * 120 * second_ms;
  const auto least = s.retransmits * second_ms;
  return age_interval{.lower_ms = least,
                      .upper_ms = std::max(least, most - std::min(most, s.timer_ms))};
}

std::uint32_t lower_age_of(const socket_record& s) {
  const auto age = age_of(s);
  return age ? age->lower_ms : 0;
}

void keep_oldest_and_newest(socket_group& group, const socket_record& s) {
  const auto age_ms = lower_age_of(s);
  if (!group.oldest || age_ms > lower_age_of(*group.oldest)) group.oldest = s;
  if (!group.newest || age_ms < lower_age_of(*group.newest)) group.newest = s;
}

void add_age(socket_group& group, const socket_record& s) {
  const auto age = age_of(s);
  if (!age) return;
  group.age.add(age->lower_ms, s.count);
  group.age_upper.add(age->upper_ms, s.count);
  group.age_max_ms = std::max(group.age_max_ms, age->lower_ms);
  keep_oldest_and_newest(group, s);
  if (s.state == tcp::state::time_wait) {
    const auto slot = std::min<std::size_t>(age->lower_ms / socket_group::slot_ms,
                                            group.closed_in_slot.size() - 1);
    group.closed_in_slot[slot] += static_cast<std::uint32_t>(s.count);
  }
}

void add_queues(socket_group& group, const socket_record& s) {
  if (!s.has_queues) return;
  group.with_queues += s.count;
  (s.receive_queue == 0   ? group.receive_queue_empty
   : s.receive_queue == 1 ? group.receive_queue_one
                          : group.receive_queue_more) += s.count;
  group.receive_queue_bytes += s.receive_queue * s.count;
  if (s.receive_queue > group.receive_queue_max) {
    group.receive_queue_max = s.receive_queue;
    group.fullest = s;
  }
  if (s.send_queue > 0) group.send_queue_filled += s.count;
  group.send_queue_bytes += s.send_queue * s.count;
}

void add_timer(socket_group& group, const socket_record& s) {
  if (s.timer == socket_timer::unknown) return;
  group.with_timer_column += s.count;
  if (s.timer == socket_timer::keepalive) group.keepalive_timer += s.count;
  if (s.timer == socket_timer::none) group.no_timer += s.count;
}

void add_silence(socket_group& group, const socket_record& s) {
  // A program that reads a large answer in turns opens the window again sooner.
  constexpr std::uint32_t shut_min_ms = 3'000;
  if (s.timer == socket_timer::persist && s.timer_ms >= shut_min_ms && s.send_queue > 0) {
    group.window_shut += s.count;
    group.window_shut_ms = std::max(group.window_shut_ms, s.timer_ms);
  }
  if (s.timer != socket_timer::retransmit) return;
  const auto last = group.sent_again.size() - 1;
  const auto times = std::min<std::size_t>(s.retransmits, last);
  group.sent_again[times] += s.count;
  group.sent_again_max = std::max(group.sent_again_max, s.retransmits);
  if (times < last) return;
  group.unanswered_bytes += std::uint64_t{s.send_queue} * s.count;
  group.unanswered_for_ms = std::max(group.unanswered_for_ms, s.last_ack_ms.value_or(0));
}

/// A program that reads takes what came within milliseconds; a second is no scheduling delay.
constexpr std::uint32_t standing_ms = 1'000;

void add_unread(socket_group& group, const socket_record& s) {
  const auto standing = s.last_data_ms.value_or(0);
  if (!s.has_queues || s.receive_queue == 0 || standing < standing_ms) return;
  group.unread_standing += s.count;
  group.unread_standing_ms = std::max(group.unread_standing_ms, standing);
  // A FIN alone is the end of a connection that carried nothing.
  if (s.receive_queue > 1 && s.receive_queue == s.bytes_received) group.never_read += s.count;
}

void include_idle(socket_group& group, std::uint64_t sockets, std::uint32_t least,
                  std::uint32_t most) {
  const bool is_first = group.idle_before_fin == 0;
  group.idle_before_fin_min_ms = is_first ? least : std::min(group.idle_before_fin_min_ms, least);
  group.idle_before_fin_max_ms = std::max(group.idle_before_fin_max_ms, most);
  group.idle_before_fin += sockets;
}

void add_idle_before_fin(socket_group& group, const socket_record& s) {
  const bool has_only_the_fin =
      s.state == tcp::state::close_wait && s.has_queues && s.receive_queue == 1;
  if (!has_only_the_fin || !s.last_ack_ms || !s.last_data_ms) return;
  const auto idle = *s.last_data_ms - std::min(*s.last_ack_ms, *s.last_data_ms);
  include_idle(group, s.count, idle, idle);
}

void add_use(socket_group& group, const socket_record& s) {
  // A request with a body may take two.
  constexpr std::uint32_t one_exchange_segments = 2;
  if (s.data_segments_sent.value_or(0) > one_exchange_segments) group.used_again += s.count;
}

/// Takes in ports from `low` to `high`; 0: none.
void include_ports(socket_group& group, std::uint16_t low, std::uint16_t high) {
  if (low == 0) return;
  const bool is_first = group.local_port_low == 0;
  group.local_port_low = is_first ? low : std::min(group.local_port_low, low);
  group.local_port_high = std::max(group.local_port_high, high);
}

template <class T>
void add_optional(std::optional<T>& to, const std::optional<T>& from) {
  if (from) to = to.value_or(T{}) + *from;
}

}  // namespace

void age_classes::add(std::uint32_t age_ms, std::uint64_t sockets) {
  const auto above = std::ranges::upper_bound(bounds_ms, age_ms);
  count[static_cast<std::size_t>(above - bounds_ms.begin())] += sockets;
}

std::uint64_t age_classes::over_a_minute() const {
  return std::accumulate(count.begin() + 3, count.end(), std::uint64_t{0});
}

std::uint64_t age_classes::known() const {
  return std::accumulate(count.begin(), count.end(), std::uint64_t{0});
}

std::optional<age_interval> age_of(const socket_record& s) {
  if (s.state == tcp::state::time_wait) {
    if (s.timer != socket_timer::time_wait) return std::nullopt;
    const auto age = time_wait_ms - std::min(s.timer_ms, time_wait_ms);
    return age_interval{.lower_ms = age, .upper_ms = age};
  }
  if (s.in_state_ms) return age_interval{.lower_ms = *s.in_state_ms, .upper_ms = *s.in_state_ms};
  if (s.state == tcp::state::syn_sent) return age_of_connect(s);
  if (!s.last_ack_ms || !s.last_data_ms) return std::nullopt;
  return age_interval{.lower_ms = std::min(*s.last_ack_ms, *s.last_data_ms),
                      .upper_ms = std::max(*s.last_ack_ms, *s.last_data_ms)};
}

void socket_group::add(const socket_record& s, bool local_port_in_range) {
  count += s.count;
  add_queues(*this, s);
  add_age(*this, s);
  add_timer(*this, s);
  add_silence(*this, s);
  add_unread(*this, s);
  add_idle_before_fin(*this, s);
  add_use(*this, s);
  if (s.flow.local.port != 0) {
    (s.flow.local.port % 2 == 1 ? odd_local_ports : even_local_ports) += s.count;
    if (local_port_in_range) local_ports_in_range += s.count;
    include_ports(*this, s.flow.local.port, s.flow.local.port);
  }
  if (s.bind_address_no_port) {
    (*s.bind_address_no_port ? no_port_option_on : no_port_option_off) += s.count;
  }
}

void socket_group::merge(const socket_group& other) {
  count += other.count;
  with_queues += other.with_queues;
  receive_queue_empty += other.receive_queue_empty;
  receive_queue_one += other.receive_queue_one;
  receive_queue_more += other.receive_queue_more;
  receive_queue_bytes += other.receive_queue_bytes;
  send_queue_filled += other.send_queue_filled;
  send_queue_bytes += other.send_queue_bytes;
  for (std::size_t i = 0; i < age.count.size(); ++i) {
    age.count[i] += other.age.count[i];
    age_upper.count[i] += other.age_upper.count[i];
  }
  age_max_ms = std::max(age_max_ms, other.age_max_ms);
  for (std::size_t i = 0; i < closed_in_slot.size(); ++i) {
    closed_in_slot[i] += other.closed_in_slot[i];
  }
  with_timer_column += other.with_timer_column;
  keepalive_timer += other.keepalive_timer;
  no_timer += other.no_timer;
  window_shut += other.window_shut;
  window_shut_ms = std::max(window_shut_ms, other.window_shut_ms);
  for (std::size_t i = 0; i < sent_again.size(); ++i) sent_again[i] += other.sent_again[i];
  sent_again_max = std::max(sent_again_max, other.sent_again_max);
  unanswered_bytes += other.unanswered_bytes;
  unanswered_for_ms = std::max(unanswered_for_ms, other.unanswered_for_ms);
  unread_standing += other.unread_standing;
  unread_standing_ms = std::max(unread_standing_ms, other.unread_standing_ms);
  never_read += other.never_read;
  if (other.idle_before_fin > 0) {
    include_idle(*this, other.idle_before_fin, other.idle_before_fin_min_ms,
                 other.idle_before_fin_max_ms);
  }
  used_again += other.used_again;
  odd_local_ports += other.odd_local_ports;
  even_local_ports += other.even_local_ports;
  include_ports(*this, other.local_port_low, other.local_port_high);
  local_ports_in_range += other.local_ports_in_range;
  no_port_option_on += other.no_port_option_on;
  no_port_option_off += other.no_port_option_off;
  add_optional(growth_per_second, other.growth_per_second);
  folded = folded || other.folded;
  if (other.oldest) keep_oldest_and_newest(*this, *other.oldest);
  if (other.newest) keep_oldest_and_newest(*this, *other.newest);
  if (other.receive_queue_max > receive_queue_max) {
    receive_queue_max = other.receive_queue_max;
    fullest = other.fullest;
  }
}

std::uint64_t socket_group::sent_again_at_least(std::size_t times) const {
  const auto from = std::min(times, sent_again.size() - 1);
  return std::accumulate(sent_again.begin() + static_cast<std::ptrdiff_t>(from), sent_again.end(),
                         std::uint64_t{0});
}

double socket_group::closes_per_second() const {
  const auto closed =
      std::accumulate(closed_in_slot.begin(), closed_in_slot.end(), std::uint64_t{0});
  return static_cast<double>(closed) * 1000.0 / time_wait_ms;
}

}  // namespace waitstate

std::size_t std::hash<waitstate::group_key>::operator()(
    const waitstate::group_key& k) const noexcept {
  const std::hash<waitstate::tcp::endpoint> endpoint;
  const auto small = (std::uint64_t{k.net_namespace} << 32) |
                     (std::uint64_t{static_cast<std::uint8_t>(k.state)} << 16) |
                     (std::uint64_t{static_cast<std::uint8_t>(k.direction)} << 8) |
                     static_cast<std::uint8_t>(k.owner.kind);
  auto mixed = small * 0x9e3779b97f4a7c15ULL + k.owner.process;
  mixed = (mixed ^ endpoint(k.local)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 29) ^ endpoint(k.remote)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31);
}
