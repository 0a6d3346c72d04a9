#include "judgement/growing_connections.h"

#include <algorithm>
#include <numeric>

#include "judgement/close_wait_piles.h"
#include "judgement/direction.h"
#include "judgement/most_first.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::uint64_t live_min = 20;
constexpr std::uint64_t pasted_rise = 50;

/// From ten seconds on (age_classes).
std::uint64_t unused_of(const socket_group& g) {
  constexpr std::ptrdiff_t ten_seconds = 2;
  return std::accumulate(g.age.count.begin() + ten_seconds, g.age.count.end(), std::uint64_t{0});
}

std::uint64_t served_by(const snapshot& s, const owner_ref& owner) {
  std::uint64_t served = 0;
  for (const auto& g : s.groups) {
    if (g.key.owner == owner && g.key.direction == direction::inbound) served += g.count;
  }
  return served;
}

void add_of_one_look(const snapshot& s, std::vector<growing_connections>& all) {
  constexpr std::uint64_t many = 200;
  constexpr double recent_s = 10;
  for (const auto& g : s.groups) {
    const bool is_client = g.key.state == tcp::state::established &&
                           g.key.owner.kind == ownership::owned &&
                           side_of(s, g).direction == direction::outbound;
    if (!is_client || g.count < many || g.used_again * 10 > g.count) continue;
    if (!accumulates(s, g) || served_by(s, g.key.owner) * 2 >= g.count) continue;
    all.push_back({.net_namespace = g.key.net_namespace,
                   .owner = g.key.owner,
                   .destination = g.key.remote,
                   .last = g.count,
                   .looks = 1,
                   .per_second = static_cast<double>(g.age.count[0] + g.age.count[1]) / recent_s,
                   .unused = unused_of(g)});
  }
}

void add_live(const snapshot& s, std::vector<growing_connections>& all) {
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::established || g.count < live_min || !is_growing(s, g)) continue;
    if (side_of(s, g).direction != direction::outbound || unused_of(g) * 2 < g.count) continue;
    const auto seconds =
        static_cast<double>(s.interval.value_or(std::chrono::milliseconds(0)).count()) / 1000;
    const auto came = static_cast<std::uint64_t>(g.growth_per_second.value_or(0) * seconds);
    all.push_back({.net_namespace = g.key.net_namespace,
                   .owner = g.key.owner,
                   .destination = g.key.remote,
                   .first = g.count - std::min(g.count, came),
                   .last = g.count,
                   .per_second = g.growth_per_second.value_or(0),
                   .unused = unused_of(g)});
  }
}

bool listens_on(const snapshot& s, std::uint16_t port) {
  const bool has_listener =
      std::ranges::any_of(s.listeners, [&](const listener& l) { return l.local.port == port; });
  return has_listener || std::ranges::any_of(s.groups, [&](const socket_group& g) {
           return g.key.direction == direction::inbound && g.key.local.port == port;
         });
}

/// The destination at that port that most open connections go to.
const socket_group* largest_to(const snapshot& s, std::uint16_t port) {
  const socket_group* largest = nullptr;
  for (const auto& g : s.groups) {
    const bool is_one = g.key.state == tcp::state::established && g.key.remote.port == port &&
                        g.key.direction == direction::outbound;
    if (is_one && (largest == nullptr || g.count > largest->count)) largest = &g;
  }
  return largest;
}

void add_pasted(const snapshot& s, std::vector<growing_connections>& all) {
  for (const auto& series : s.series) {
    const auto& values = series.values;
    if (series.state != tcp::state::established || values.size() < 2) continue;
    const auto first = values.front();
    const auto last = values.back();
    const bool grows =
        std::ranges::is_sorted(values) && last >= first + pasted_rise && last * 2 >= first * 3;
    if (!grows || (series.port != 0 && listens_on(s, series.port))) continue;
    growing_connections one{.destination = {.address = {}, .port = series.port},
                            .first = first,
                            .last = last,
                            .looks = values.size()};
    if (const auto* to = series.port == 0 ? nullptr : largest_to(s, series.port)) {
      one.owner = to->key.owner;
      one.destination = to->key.remote;
    }
    all.push_back(one);
  }
}

}  // namespace

std::vector<growing_connections> growing_connections_of(const snapshot& s) {
  std::vector<growing_connections> all;
  if (s.source == source_kind::live) {
    add_live(s, all);
    if (all.empty()) add_of_one_look(s, all);
  } else {
    add_pasted(s, all);
  }
  sort_most_first(all, &growing_connections::last);
  return all;
}

}  // namespace waitstate::diagnosis
