#include "judgement/unsent_place.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "judgement/direction.h"
#include "judgement/most_first.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::uint64_t several = 5;
constexpr std::uint64_t nearly_all = 9;  // In ten.

struct gathered {
  unsent_place place;
  std::set<tcp::address> peers;
};

/// What is open, by destination or by listening port.
std::vector<unsent_place> open_places(const snapshot& s) {
  std::map<std::tuple<std::uint32_t, direction, owner_ref, tcp::endpoint>, gathered> by_place;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::established || g.with_queues == 0) continue;
    const auto side = side_of(s, g).direction;
    if (side == direction::unknown) continue;
    const auto end = side == direction::outbound
                         ? g.key.remote
                         : tcp::endpoint{.address = {}, .port = g.key.local.port};
    auto& [place, peers] = by_place[{g.key.net_namespace, side, g.key.owner, end}];
    place.net_namespace = g.key.net_namespace;
    place.side = side;
    place.owner = g.key.owner;
    place.destination = end;
    place.open += g.with_queues;
    place.filled += g.send_queue_filled;
    place.bytes += g.send_queue_bytes;
    place.shut += g.window_shut;
    place.shut_ms = std::max(place.shut_ms, g.window_shut_ms);
    if (g.window_shut > 0) peers.insert(g.key.remote.address);
  }
  std::vector<unsent_place> places;
  places.reserve(by_place.size());
  for (auto& [key, one] : by_place) {
    one.place.peers = one.peers.size();
    places.push_back(one.place);
  }
  return places;
}

}  // namespace

std::vector<unsent_place> unsent_places(const snapshot& s) {
  if (s.source != source_kind::pasted) return {};
  auto places = open_places(s);
  std::erase_if(places, [](const unsent_place& p) {
    return p.side != direction::outbound || p.filled < several ||
           p.filled * 10 < p.open * nearly_all;
  });
  sort_most_first(places, &unsent_place::bytes);
  return places;
}

std::vector<unsent_place> shut_places(const snapshot& s) {
  auto places = open_places(s);
  std::erase_if(places,
                [](const unsent_place& p) { return p.shut < several || p.shut * 2 < p.open; });
  sort_most_first(places, &unsent_place::shut);
  return places;
}

}  // namespace waitstate::diagnosis
