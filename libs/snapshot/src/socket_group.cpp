#include "waitstate/snapshot/socket_group.h"

#include <algorithm>
#include <numeric>

namespace waitstate {
namespace {

constexpr std::uint32_t time_wait_ms = 60'000;  // TCP_TIMEWAIT_LEN

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
  if (!s.last_ack_ms || !s.last_data_ms) return std::nullopt;
  return age_interval{.lower_ms = std::min(*s.last_ack_ms, *s.last_data_ms),
                      .upper_ms = std::max(*s.last_ack_ms, *s.last_data_ms)};
}

void socket_group::add(const socket_record& s, bool local_port_in_range) {
  count += s.count;
  add_queues(*this, s);
  add_age(*this, s);
  add_timer(*this, s);
  if (s.flow.local.port != 0) {
    (s.flow.local.port % 2 == 1 ? odd_local_ports : even_local_ports) += s.count;
    if (local_port_in_range) local_ports_in_range += s.count;
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
  odd_local_ports += other.odd_local_ports;
  even_local_ports += other.even_local_ports;
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
