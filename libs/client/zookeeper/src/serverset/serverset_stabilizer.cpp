#include "serverset/serverset_stabilizer.h"

#include <algorithm>
#include <set>
#include <utility>

namespace waitstate::client {

void serverset_stabilizer::on_set(const std::vector<weighted_endpoint>& seen, time_point now) {
  if (unwell_since_) {
    for (auto& [at, since] : gone_) since = now;
  }
  unwell_since_.reset();
  trouble_.reset();
  is_stale_ = false;
  is_known_ = true;

  std::set<endpoint> there;
  for (const auto& server : seen) {
    there.insert(server.at);
    gone_.erase(server.at);
    published_.insert_or_assign(server.at, server.weight);
  }
  for (const auto& [at, weight] : published_) {
    if (!there.contains(at)) gone_.try_emplace(at, now);
  }
}

void serverset_stabilizer::on_trouble(error why, time_point now) {
  if (!unwell_since_) unwell_since_ = now;
  trouble_ = std::move(why);
}

void serverset_stabilizer::advance(time_point now) {
  if (unwell_since_) {
    is_stale_ = now - *unwell_since_ >= settings_.unhealthy_max;
    return;
  }
  if (now < removals_allowed_at()) return;
  const auto removed = std::erase_if(gone_, [&](const auto& gone) {
    const auto& [at, since] = gone;
    if (now - since < settings_.epoch) return false;
    published_.erase(at);
    return true;
  });
  if (removed > 0) removed_at_ = now;
}

time_point serverset_stabilizer::next_due() const {
  if (unwell_since_) {
    return is_stale_ ? time_point::max() : *unwell_since_ + settings_.unhealthy_max;
  }
  if (gone_.empty()) return time_point::max();
  const auto first = std::ranges::min_element(gone_, {}, [](const auto& g) { return g.second; });
  return std::max(first->second + settings_.epoch, removals_allowed_at());
}

std::vector<weighted_endpoint> serverset_stabilizer::endpoints() const {
  std::vector<weighted_endpoint> list;
  list.reserve(published_.size());
  for (const auto& [at, weight] : published_) list.push_back({.at = at, .weight = weight});
  return list;
}

time_point serverset_stabilizer::removals_allowed_at() const {
  return removed_at_ ? *removed_at_ + 2 * settings_.epoch : time_point::min();
}

}  // namespace waitstate::client
