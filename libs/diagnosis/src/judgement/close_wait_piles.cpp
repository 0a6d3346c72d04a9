#include "judgement/close_wait_piles.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "judgement/direction.h"
#include "judgement/most_first.h"
#include "judgement/near_limit.h"

namespace waitstate::diagnosis {
namespace {

// A healthy host has a few in CLOSE-WAIT at any time: between the peer's FIN and the program's
// turn.

/// So many came between two looks that it was no single burst of a few calls that ended together.
constexpr double growth_min = 5;
/// And they are a tenth of what was there: a pile of hundreds moves by more than five by chance.
constexpr double growth_parts = 10;

/// Beside four times as many open ones they are what a busy program has yet to close, ...
constexpr std::uint64_t established_for_each = 4;
/// ... unless no program has that many to close at one moment.
constexpr std::uint64_t a_crowd = 1'000;
/// Or a hundred and more that were counted beside not much over twenty times as many: more than one
/// in thirty is no passing state either.
constexpr std::uint64_t established_beside_hundreds = 25;
/// A count without rows says less: it takes so many, or so many that are most.
constexpr std::uint64_t counted_many = 100;
constexpr std::uint64_t counted_most = 20;
/// Rows that somebody chose to show: so many, or a tenth of all that is shown.
constexpr std::uint64_t shown_many = 10;
constexpr std::uint64_t shown_parts = 10;

using pile_key = std::tuple<std::uint32_t, owner_ref, tcp::endpoint>;

bool has_addresses(const socket_group& g) {
  return g.key.remote.address.is_known() || g.key.local.address.is_known();
}

/// An inbound pile is a listening port whatever the address, so that [::] and 0.0.0.0 are one.
pile_key key_of(const socket_group& g, direction side) {
  auto endpoint = side == direction::outbound ? g.key.remote : g.key.local;
  if (side == direction::inbound) endpoint.address = {};
  return {g.key.net_namespace, g.key.owner, endpoint};
}

struct gathered {
  pile p;
  std::set<tcp::address> peers;
  std::set<tcp::address> local_addresses;
};

void gather(gathered& to, const socket_group& g) {
  if (g.key.state == tcp::state::established) return to.p.established.merge(g);
  to.p.close_wait.merge(g);
  to.p.is_rows = to.p.is_rows || has_addresses(g);
  if (g.key.remote.address.is_known()) to.peers.insert(g.key.remote.address);
  to.local_addresses.insert(g.key.local.address);
}

void sort_by_close_wait(std::vector<pile>& piles) {
  sort_most_first(piles, [](const pile& p) { return p.close_wait.count; });
}

void add_to_total(pile& total, const pile& p) {
  total.close_wait.merge(p.close_wait);
  total.established.merge(p.established);
  total.peers += p.peers;
  total.is_rows = total.is_rows || p.is_rows;
}

/// A steady count of what happens by chance differs by less.
bool is_about(double expected, double count) {
  return count >= 0.6 * expected && count <= 1.6 * expected;
}

}  // namespace

bool shows_owners(const snapshot& s) {
  if (s.source == source_kind::live) return true;
  const auto is_owned = [](const owner_ref& o) { return o.kind == ownership::owned; };
  // A paste says "nobody" only where its owner column would have shown somebody.
  const auto is_told = [&](const socket_group& g) {
    const bool has_none = g.key.owner.kind == ownership::none;
    return is_owned(g.key.owner) || (has_none && g.key.state == tcp::state::close_wait);
  };
  return std::ranges::any_of(s.groups, is_told) ||
         std::ranges::any_of(s.listeners, [&](const auto& l) { return is_owned(l.owner); });
}

std::vector<pile> piles_of(const snapshot& s, direction side) {
  std::map<pile_key, gathered> by_key;
  for (const auto& g : s.groups) {
    const auto state = g.key.state;
    if (state != tcp::state::close_wait && state != tcp::state::established) continue;
    if (side_of(s, g).direction == side) gather(by_key[key_of(g, side)], g);
  }
  std::vector<pile> piles;
  for (auto& [key, gathered] : by_key) {
    auto& p = gathered.p;
    if (p.close_wait.count == 0) continue;
    std::tie(p.net_namespace, p.owner, p.endpoint) = key;
    p.close_wait.key.direction = side;
    p.peers = gathered.peers.size();
    if (side == direction::inbound && gathered.local_addresses.size() == 1) {
      p.endpoint.address = *gathered.local_addresses.begin();
    }
    piles.push_back(p);
  }
  sort_by_close_wait(piles);
  return piles;
}

std::vector<holding> holdings_of(const snapshot& s, direction side) {
  std::vector<holding> holdings;
  std::map<std::pair<std::uint32_t, owner_ref>, std::size_t> index;
  for (const auto& p : piles_of(s, side)) {
    const auto [found, is_new] =
        index.emplace(std::pair{p.net_namespace, p.owner}, holdings.size());
    if (is_new) {
      holdings.emplace_back();
      holdings.back().total.net_namespace = p.net_namespace;
      holdings.back().total.owner = p.owner;
    }
    auto& holding = holdings[found->second];
    add_to_total(holding.total, p);
    holding.piles.push_back(p);
  }
  sort_most_first(holdings, [](const holding& h) { return h.total.close_wait.count; });
  return holdings;
}

bool is_growing(const snapshot& s, const socket_group& close_wait) {
  if (!close_wait.growth_per_second || !s.interval) return false;
  const auto seconds = static_cast<double>(s.interval->count()) / 1000.0;
  const auto came = *close_wait.growth_per_second * seconds;
  if (came < growth_min) return false;
  const auto count = static_cast<double>(close_wait.count);
  return came * growth_parts >= count ||
         is_about(*close_wait.growth_per_second * close_wait.age_max_ms / 1'000, count);
}

bool accumulates(const snapshot& s, const socket_group& g) {
  constexpr std::uint64_t count_min = 20;
  constexpr std::uint64_t recent_min = 10;
  constexpr std::uint32_t recent_ms = 10'000;  // The first two classes of age.
  constexpr std::uint32_t oldest_min_ms = 20'000;
  if (s.source != source_kind::live || g.count < count_min || g.age.known() < g.count) return false;
  const auto recent = g.age.count[0] + g.age.count[1];
  if (recent < recent_min || g.age_max_ms < oldest_min_ms) return false;
  return is_about(static_cast<double>(recent) * g.age_max_ms / recent_ms,
                  static_cast<double>(g.count));
}

bool stands_out(const snapshot& s, std::uint64_t close_wait, std::uint64_t established,
                bool is_rows) {
  if (close_wait * established_for_each < established) {
    const bool hundreds = !is_rows && close_wait >= counted_many &&
                          close_wait * established_beside_hundreds >= established;
    return hundreds || close_wait >= a_crowd;
  }
  if (!is_rows) {
    return close_wait >= counted_many || (close_wait >= counted_most && close_wait >= established);
  }
  const auto states = s.states();
  const auto all = states.total() - states.of(tcp::state::listen);
  // One beside open ones is on its way; one alone, or with its other end, was picked out.
  if (close_wait == 1 && states.of(tcp::state::established) > 0) return false;
  return close_wait >= shown_many || (close_wait > 0 && close_wait * shown_parts >= all);
}

std::optional<descriptor_use> descriptors_of(const snapshot& s, const owner_ref& owner,
                                             std::uint64_t held) {
  const auto* process = s.owner_of(owner);
  if (process == nullptr || !process->fd_count) return std::nullopt;
  return descriptor_use{
      .held = held, .open = *process->fd_count, .limit = process->fd_limit.value_or(0)};
}

bool eats_descriptors(const std::optional<descriptor_use>& use) {
  if (!use || use->limit == 0) return false;
  if (use->held * 2 >= use->limit) return true;
  return is_near_limit(use->open, use->limit) && use->held * 2 >= use->open;
}

}  // namespace waitstate::diagnosis
