#include "waitstate/remedy/tune/capacity.h"

#include <cmath>
#include <utility>

#include "waitstate/diagnosis/port_headroom.h"

namespace waitstate::remedy {
namespace {

using diagnosis::port_headroom;
using diagnosis::reuse_policy;
using std::chrono::milliseconds;

constexpr milliseconds time_wait(60'000);  // TCP_TIMEWAIT_LEN
constexpr std::uint64_t wide_ports = 65'535 - 10'240 + 1;
/// The middle of the last ten seconds lies so long after the middle of the last minute.
constexpr double between_rates_s = 25;
constexpr double worth_a_word = 0.01;  // Of growth: a connection a second more in 100 s.
constexpr double a_day_s = 86'400;

bool is_reused(const port_headroom& h) {
  const bool is_loopback = h.source.is_loopback() || h.destination.address.is_loopback();
  return h.reuse.applies == reuse_policy::scope::always ||
         (h.reuse.applies == reuse_policy::scope::loopback && is_loopback);
}

/// What stays open takes ports from those that come and go.
double bearable(std::uint64_t ports, std::uint64_t open, milliseconds held) {
  const auto left = ports > open ? ports - open : 0;
  return static_cast<double>(left) * 1'000 / static_cast<double>(held.count());
}

destination_capacity capacity_to(const snapshot& s, const port_headroom& h) {
  destination_capacity c{.source = h.source,
                         .destination = h.destination,
                         .ports = h.supply.usable(),
                         .in_use = h.used(),
                         .open = h.established,
                         .rate = h.recent_closes_per_second,
                         .full_in = h.exhausted_in};
  if (const auto* p = s.owner_of(h.owner)) c.program = p->name;
  const bool closes_here = h.time_wait > 0;
  if (!closes_here) return c;
  c.held = is_reused(h) ? h.reuse.delay : time_wait;
  if (c.held.count() == 0) c.held = milliseconds(1);
  c.bearable = bearable(c.ports, c.open, c.held);
  c.each_address = bearable(c.ports, 0, c.held);
  if (!is_reused(h) && !h.reuse.without_timestamps) {
    c.with_reuse = bearable(c.ports, c.open, h.reuse.delay);
  }
  const auto wide = wide_ports - h.supply.bind_owned;
  if (wide > c.ports) c.with_wide_range = bearable(wide, c.open, c.held);
  c.growth = (h.recent_closes_per_second - h.closes_per_second) / between_rates_s;
  if (c.growth > worth_a_word && c.rate < *c.bearable) {
    const auto seconds = (*c.bearable - c.rate) / c.growth;
    if (seconds < a_day_s) c.full_at_growth = std::chrono::seconds(std::llround(seconds));
  }
  return c;
}

}  // namespace

std::vector<destination_capacity> capacity_of(const snapshot& s, std::size_t most) {
  std::vector<destination_capacity> all;
  for (const auto& h : diagnosis::headrooms_of(s, diagnosis::port_table(s))) {
    if (h.net_namespace != 0) continue;
    if (all.size() == most) break;
    all.push_back(capacity_to(s, h));
  }
  return all;
}

}  // namespace waitstate::remedy
