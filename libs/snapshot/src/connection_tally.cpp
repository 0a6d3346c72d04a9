#include "waitstate/snapshot/connection_tally.h"

#include <algorithm>

namespace waitstate {
namespace {

bool is_reset(const ended_connection& c) {
  switch (c.ending) {
    case connection_ending::reset_by_peer:
    case connection_ending::unread_data:
    case connection_ending::never_accepted:
    case connection_ending::linger_zero:
    case connection_ending::killed: return c.was_established;
    default: return false;
  }
}

}  // namespace

void connection_tally::add(const whole_connection& c) {
  const auto& end = c.end;
  const bool outbound = end.direction == direction::outbound;
  const auto& who = outbound ? end.opener : end.closer;
  // Of what was open before it is not known which of its ports is the one that counts.
  const auto where = outbound                              ? end.flow.remote
                     : end.direction == direction::inbound ? end.flow.local
                                                           : tcp::endpoint{};
  const key named{end.direction, where, who ? who->name : std::string()};
  auto found = rows_.find(named);
  if (found == rows_.end()) {
    if (rows_.size() >= rows_max) {
      ++not_kept_;
      return;
    }
    found = rows_.try_emplace(named).first;
    found->second.direction = end.direction;
    found->second.end = where;
    found->second.process = std::get<std::string>(named);
  }
  auto& r = found->second;
  ++r.connections;
  r.established += end.was_established ? 1 : 0;
  r.closed_here_first += end.closed_first == first_closer::local ? 1 : 0;
  r.closed_by_peer_first += end.closed_first == first_closer::peer ? 1 : 0;
  r.resets += is_reset(end) ? 1 : 0;
  r.bytes += end.bytes_sent + end.bytes_received;
  if (!end.life) return;
  ++r.measured;
  r.life += *end.life;
}

std::vector<connection_tally::row> connection_tally::rows() const {
  std::vector<row> all;
  all.reserve(rows_.size());
  for (const auto& [named, r] : rows_) all.push_back(r);
  std::ranges::sort(all, [](const row& a, const row& b) {
    if (a.connections != b.connections) return a.connections > b.connections;
    return std::tie(a.direction, a.end, a.process) < std::tie(b.direction, b.end, b.process);
  });
  return all;
}

}  // namespace waitstate
