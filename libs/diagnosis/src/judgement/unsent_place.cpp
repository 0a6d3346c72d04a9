#include "judgement/unsent_place.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "judgement/direction.h"
#include "judgement/most_first.h"

namespace waitstate::diagnosis {
namespace {

constexpr std::uint64_t several = 5;
constexpr std::uint64_t nearly_all = 9;  // In ten.

}  // namespace

std::vector<unsent_place> unsent_places(const snapshot& s) {
  if (s.source != source_kind::pasted) return {};
  std::map<std::tuple<std::uint32_t, owner_ref, tcp::endpoint>, unsent_place> by_destination;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::established || g.with_queues == 0) continue;
    if (side_of(s, g).direction != direction::outbound) continue;
    auto& place = by_destination[{g.key.net_namespace, g.key.owner, g.key.remote}];
    std::tie(place.net_namespace, place.owner, place.destination) =
        std::tie(g.key.net_namespace, g.key.owner, g.key.remote);
    place.open += g.with_queues;
    place.filled += g.send_queue_filled;
    place.bytes += g.send_queue_bytes;
  }
  std::vector<unsent_place> places;
  for (const auto& [key, place] : by_destination) {
    const bool is_one = place.filled >= several && place.filled * 10 >= place.open * nearly_all;
    if (is_one) places.push_back(place);
  }
  sort_most_first(places, &unsent_place::bytes);
  return places;
}

}  // namespace waitstate::diagnosis
