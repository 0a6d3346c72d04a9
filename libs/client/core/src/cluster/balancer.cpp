#include "cluster/balancer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "waitstate/client/core/endpoint_set.h"

namespace waitstate::client {
namespace {

// A server without a measured latency gets one call and then no other until that one is over.
constexpr double penalty_ns = 1e15;

double nanoseconds(duration d) {
  return std::chrono::duration<double, std::nano>(d).count();
}

}  // namespace

balancer::balancer(const balancer_settings& settings, random_source random)
    : settings_(settings), random_(std::move(random)) {
  assert(settings.latency_decay.count() > 0);
  assert(random_);
}

void balancer::add(node_key key, double weight) {
  assert(weight >= 0);
  weight = std::min(weight, weight_max);
  if (auto* const known = find(key)) {
    known->weight = weight;
    return;
  }
  nodes_.push_back({.key = key, .weight = weight});
}

void balancer::remove(node_key key) {
  std::erase_if(nodes_, [key](const node& n) { return n.key == key; });
}

void balancer::set_status(node_key key, node_status status) {
  if (auto* const known = find(key)) known->status = status;
}

std::optional<balancer::node_key> balancer::pick(std::span<const node_key> avoid, time_point now) {
  find_candidates(avoid);
  if (candidates_.empty()) return std::nullopt;
  std::size_t at = candidates_.front();
  if (candidates_.size() > 1) {
    at = settings_.policy == balance_policy::round_robin ? next_in_turn() : draw_two(now);
  }
  ++nodes_[at].pending;
  return nodes_[at].key;
}

void balancer::done(node_key key, std::optional<duration> latency, time_point now) {
  auto* const known = find(key);
  if (known == nullptr) return;
  if (known->pending > 0) --known->pending;
  if (!latency) return;
  const double measured = std::max(nanoseconds(*latency), 1.0);
  const double before = cost_at(*known, now);
  // Calls that end together are told in any order.
  const auto age = std::max(now - known->stamp, duration{0});
  const double kept = std::exp(-nanoseconds(age) / nanoseconds(settings_.latency_decay));
  // cost_at() is the old cost times `kept`; the measurement fills the rest, or counts at once.
  known->cost_ns =
      known->cost_ns == 0 || measured > known->cost_ns ? measured : before + measured * (1 - kept);
  known->stamp = std::max(known->stamp, now);
}

std::size_t balancer::available(std::span<const node_key> but) const {
  return static_cast<std::size_t>(std::ranges::count_if(nodes_, [but](const node& n) {
    return n.status == node_status::available && std::ranges::find(but, n.key) == but.end();
  }));
}

bool balancer::is_all_ejected() const {
  return !nodes_.empty() && std::ranges::all_of(nodes_, [](const node& n) {
    return n.status == node_status::ejected;
  });
}

std::uint32_t balancer::pending(node_key key) const {
  const auto* const known = find(key);
  return known == nullptr ? 0 : known->pending;
}

duration balancer::latency(node_key key, time_point now) const {
  const auto* const known = find(key);
  if (known == nullptr) return duration{0};
  return std::chrono::duration_cast<duration>(
      std::chrono::duration<double, std::nano>(cost_at(*known, now)));
}

const balancer::node* balancer::find(node_key key) const {
  const auto found = std::ranges::find(nodes_, key, &node::key);
  return found == nodes_.end() ? nullptr : &*found;
}

balancer::node* balancer::find(node_key key) {
  return const_cast<node*>(std::as_const(*this).find(key));
}

void balancer::find_candidates(std::span<const node_key> avoid) {
  const auto collect = [this](auto&& is_wanted) {
    candidates_.clear();
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
      if (is_wanted(nodes_[at])) candidates_.push_back(at);
    }
    return !candidates_.empty();
  };
  const auto is_available = [](const node& n) { return n.status == node_status::available; };
  const auto is_fresh = [avoid](const node& n) {
    return std::ranges::find(avoid, n.key) == avoid.end();
  };
  // A server that failed this call but counts as healthy is better than one that is dead.
  if (collect([&](const node& n) { return is_available(n) && is_fresh(n) && n.weight > 0; }))
    return;
  if (collect([&](const node& n) { return is_available(n) && is_fresh(n); })) return;
  if (collect(is_available)) return;
  if (collect(is_fresh)) return;
  collect([](const node&) { return true; });
}

std::size_t balancer::draw(std::optional<std::size_t> but) {
  double total = 0;
  for (const auto at : candidates_) {
    if (at != but) total += nodes_[at].weight;
  }
  double left = random_share(random_) * total;
  std::size_t last = candidates_.front();
  for (const auto at : candidates_) {
    if (at == but || (total > 0 && nodes_[at].weight == 0)) continue;
    last = at;
    left -= nodes_[at].weight;
    if (left < 0) break;
  }
  if (total > 0 || candidates_.size() < 2) return last;
  // All weigh nothing: all are equal.
  std::size_t number = random_() % (candidates_.size() - (but ? 1 : 0));
  for (const auto at : candidates_) {
    if (at == but) continue;
    if (number-- == 0) return at;
  }
  return last;
}

std::size_t balancer::draw_two(time_point now) {
  const auto first = draw(std::nullopt);
  const auto second = draw(first);
  double total = 0;
  for (const auto at : candidates_) total += nodes_[at].weight;
  const double mean = total / static_cast<double>(candidates_.size());
  return load_of(nodes_[second], mean, now) < load_of(nodes_[first], mean, now) ? second : first;
}

std::size_t balancer::next_in_turn() {
  double total = 0;
  for (const auto at : candidates_) total += nodes_[at].weight;
  const bool are_equal = total == 0;
  if (are_equal) total = static_cast<double>(candidates_.size());
  std::size_t best = candidates_.front();
  for (const auto at : candidates_) {
    nodes_[at].turn += are_equal ? 1 : nodes_[at].weight;
    if (nodes_[at].turn > nodes_[best].turn) best = at;
  }
  nodes_[best].turn -= total;
  return best;
}

double balancer::cost_at(const node& n, time_point now) const {
  if (n.cost_ns == 0) return 0;
  const auto age = std::max(now - n.stamp, duration{0});
  return n.cost_ns * std::exp(-nanoseconds(age) / nanoseconds(settings_.latency_decay));
}

double balancer::load_of(const node& n, double mean_weight, time_point now) const {
  const double weight = mean_weight > 0 && n.weight > 0 ? n.weight / mean_weight : 1;
  const double pending = n.pending / weight;
  if (settings_.policy == balance_policy::p2c_least_loaded) return pending;
  const double cost = cost_at(n, now);
  if (cost == 0 && n.pending > 0) return penalty_ns + pending;
  return cost * (pending + 1);
}

}  // namespace waitstate::client
