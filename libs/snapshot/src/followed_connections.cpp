#include "waitstate/snapshot/followed_connections.h"

#include <numeric>

namespace waitstate {

std::uint64_t size_classes::total() const {
  return std::accumulate(count.begin(), count.end(), std::uint64_t{0});
}

std::optional<std::uint64_t> size_classes::half_below() const {
  const auto all = total();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < count.size(); ++i) {
    below += count.at(i);
    if (below > 0 && below * 2 >= all) return std::uint64_t{2} << i;
  }
  return std::nullopt;
}

void size_classes::merge(const size_classes& other) {
  for (std::size_t i = 0; i < count.size(); ++i) count.at(i) += other.count.at(i);
}

void followed_flow::merge(const followed_flow& other) {
  programs += other.programs;
  opened += other.opened;
  ended += other.ended;
  established += other.established;
  closed_here_first += other.closed_here_first;
  closed_by_peer_first += other.closed_by_peer_first;
  resets += other.resets;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  lives_us.merge(other.lives_us);
  sizes.merge(other.sizes);
}

}  // namespace waitstate
