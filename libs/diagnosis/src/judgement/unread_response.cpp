#include "judgement/unread_response.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "judgement/direction.h"
#include "judgement/most_first.h"

namespace waitstate::diagnosis {
namespace {

/// One or two responses may wait for a thread that is busy;
constexpr std::uint64_t several = 3;
/// and any program that will read one has done so by then.
constexpr std::uint32_t seconds_ms = 5'000;

}  // namespace

std::vector<unread_response> unread_responses(const snapshot& s) {
  std::map<std::tuple<std::uint32_t, owner_ref, tcp::endpoint>, unread_response> by_destination;
  for (const auto& g : s.groups) {
    if (g.key.state != tcp::state::established || side_of(s, g).direction != direction::outbound)
      continue;
    auto& one = by_destination[{g.key.net_namespace, g.key.owner, g.key.remote}];
    one.established += g.count;
    if (g.unread_standing == 0) continue;
    one.count += g.unread_standing;
    one.unread_bytes += g.receive_queue_bytes;
    one.unread_for_ms = std::max(one.unread_for_ms, g.unread_standing_ms);
  }
  std::vector<unread_response> all;
  for (auto& [key, one] : by_destination) {
    if (one.count < several || one.unread_for_ms < seconds_ms) continue;
    std::tie(one.net_namespace, one.owner, one.destination) = key;
    all.push_back(one);
  }
  sort_most_first(all, &unread_response::unread_bytes);
  return all;
}

}  // namespace waitstate::diagnosis
