#include "judgement/silent_place.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "judgement/direction.h"
#include "judgement/most_first.h"

namespace waitstate::diagnosis {
namespace {

/// Sent again so often: for 1.4 s (200, 400 and 800 ms), which no loss by chance is.
constexpr std::size_t times_that_count = 3;
/// Fewer may be one host that was switched off.
constexpr std::uint64_t several = 5;
/// Clients that vanish are ordinary; a quarter of all that are open (one for three others) is not.
constexpr std::uint64_t part_of_clients = 3;

using place = std::tuple<std::uint32_t, direction, tcp::endpoint>;

struct gathered {
  silent_place found;
  std::map<owner_ref, std::uint64_t> owners;
};

std::optional<bool> is_open(tcp::state state) {
  switch (state) {
    case tcp::state::established:
    case tcp::state::close_wait: return true;
    case tcp::state::fin_wait_1:
    case tcp::state::closing:
    case tcp::state::last_ack: return false;
    default: return std::nullopt;
  }
}

place place_of(const snapshot& s, const socket_group& g) {
  const auto side = side_of(s, g).direction;
  if (side == direction::inbound) {
    return {g.key.net_namespace, side, {.address = {}, .port = g.key.local.port}};
  }
  return {g.key.net_namespace, side, g.key.remote};
}

void gather(gathered& to, const socket_group& g, bool open) {
  auto& found = to.found;
  const auto silent = g.sent_again_at_least(times_that_count);
  (open ? found.open : found.closing) += silent;
  found.others += g.count - silent;
  if (silent == 0) return;
  found.unanswered_bytes += g.unanswered_bytes;
  found.sent_again_max = std::max(found.sent_again_max, g.sent_again_max);
  found.silent_for_ms = std::max(found.silent_for_ms, g.unanswered_for_ms);
  if (g.key.owner.kind == ownership::owned) to.owners[g.key.owner] += silent;
}

bool is_trouble(const snapshot& s, const silent_place& p) {
  if (p.silent() == 0) return false;
  // Who pastes two such rows and hardly another one asks about them.
  const bool is_subject =
      s.source == source_kind::pasted && p.silent() >= 2 && p.silent() > p.others;
  if (p.side == direction::inbound && !is_subject)
    return p.silent() >= several && p.silent() * part_of_clients >= p.others;
  if (is_subject) return true;
  return p.silent() >= several || p.silent() >= p.others;
}

}  // namespace

std::vector<silent_place> silent_places(const snapshot& s) {
  std::map<place, gathered> by_place;
  for (const auto& g : s.groups) {
    if (const auto open = is_open(g.key.state)) gather(by_place[place_of(s, g)], g, *open);
  }
  std::vector<silent_place> places;
  for (auto& [key, gathered] : by_place) {
    auto& p = gathered.found;
    std::tie(p.net_namespace, p.side, p.endpoint) = key;
    if (!is_trouble(s, p)) continue;
    const auto most = std::ranges::max_element(gathered.owners, {},
                                               [](const auto& owned) { return owned.second; });
    if (most != gathered.owners.end()) p.owner = most->first;
    places.push_back(p);
  }
  sort_most_first(places, [](const silent_place& p) { return p.silent(); });
  return places;
}

std::chrono::milliseconds gives_up_after(std::int64_t retries) {
  constexpr std::int64_t first_ms = 200;        // TCP_RTO_MIN
  constexpr std::int64_t longest_ms = 120'000;  // TCP_RTO_MAX
  constexpr std::int64_t doublings = 9;         // ilog2(TCP_RTO_MAX / TCP_RTO_MIN)
  const auto doubled = std::clamp<std::int64_t>(retries, 0, doublings);
  // tcp_retries2 is a byte.
  const auto capped = std::clamp<std::int64_t>(retries - doublings, 0, 255);
  return std::chrono::milliseconds(((std::int64_t{2} << doubled) - 1) * first_ms +
                                   capped * longest_ms);
}

}  // namespace waitstate::diagnosis
