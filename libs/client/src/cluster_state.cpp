#include "cluster_state.h"

#include <algorithm>

#include "waitstate/client/port_range.h"

namespace waitstate::client {
namespace {

random_source shared_random(random_source random) {
  return [one = std::make_shared<random_source>(std::move(random))] { return (*one)(); };
}

}  // namespace

cluster::state::state(const cluster_settings& settings)
    : probes_in_background(settings.pool.limits.idle_max > 0),
      random(shared_random(settings.random)),
      balance(settings.balance, random),
      budget(settings.retry_budget) {}

cluster::member* cluster::state::find(std::uint64_t key) const {
  const auto found = std::ranges::find_if(members, [key](const auto& m) { return m->key == key; });
  return found == members.end() ? nullptr : found->get();
}

cluster::member* cluster::state::find(const endpoint& to) const {
  const auto found =
      std::ranges::find_if(members, [&](const auto& m) { return !m->leaving && m->to == to; });
  return found == members.end() ? nullptr : found->get();
}

void cluster::state::refresh(time_point now) {
  if (now < next_refresh) return;
  next_refresh = time_point::max();
  for (const auto& m : members) refresh(*m, now);
}

void cluster::state::refresh(member& m, time_point now) {
  if (m.leaving) return;
  const auto health_now = m.failures.at(now);
  // Half open after failed connects is for the probe in the background.
  const bool may_try =
      m.failures.may_try(now) && !(health_now == health::half_open && m.failures.is_unreachable() &&
                                   running && probes_in_background);
  balance.set_status(m.key, may_try ? node_status::available : node_status::ejected);
  if (health_now == health::dead || health_now == health::probing)
    next_refresh = std::min(next_refresh, m.failures.dead_until());
}

void cluster::state::wait_for_set(const std::shared_ptr<answer<bool>>& changed) {
  if (waiting.size() == waiting.capacity()) {
    std::erase_if(waiting, [](const auto& w) { return w.expired(); });
  }
  waiting.push_back(changed);
}

void cluster::state::wake_all() {
  for (const auto& weak : waiting) {
    if (const auto waiter = weak.lock()) waiter->give(true);
  }
  waiting.clear();
}

void add(pool_counts& sum, const pool_counts& more) {
  sum.leases += more.leases;
  sum.returns += more.returns;
  sum.late_returns += more.late_returns;
  sum.reclaims += more.reclaims;
  sum.dials += more.dials;
  sum.dial_failures += more.dial_failures;
  sum.closes += more.closes;
  sum.waits += more.waits;
  sum.refused += more.refused;
  sum.withdrawn += more.withdrawn;
}

cluster_metrics cluster::metrics() const {
  const auto now = clock::now();
  const auto range = read_port_range().value_or(port_range{});
  const auto sources = std::max<std::size_t>(settings_.pool.dial.source_addresses.size(), 1);
  const auto ports = static_cast<std::uint32_t>(range.size() * sources);

  const std::scoped_lock held(state_->lock);
  const auto& counts = state_->counts;
  cluster_metrics out{.name = settings_.name,
                      .source = state_->set.state,
                      .generation = state_->set.generation,
                      .source_error = state_->set.why,
                      .endpoints = {},
                      .gone = state_->gone,
                      .connections = 0,
                      .connections_max = shared_->limit(),
                      .calls = counts.calls,
                      .attempts = counts.attempts,
                      .retries = counts.retries,
                      .retries_over_budget = counts.retries_over_budget,
                      .failovers = counts.failovers,
                      .ejections = counts.ejections,
                      .opened_to_all = counts.opened_to_all,
                      .evicted = counts.evicted};
  for (const auto& m : state_->members) {
    const auto& core = m->connections->core();
    const auto& closes = m->connections->closes();
    const auto connections = core.connections();
    const auto here = m->to.is_unix() ? 0 : ports;
    out.connections += connections;
    out.endpoints.push_back({.to = m->to,
                             .weight = m->weight,
                             .leaving = m->leaving,
                             .state = m->failures.at(now),
                             .idle = core.idle(),
                             .leased = core.leased(),
                             .waiting = core.waiting(),
                             .connections = connections,
                             .pending = state_->balance.pending(m->key),
                             .counts = core.counts(),
                             .closes = {.first = closes.first,
                                        .after = closes.after,
                                        .by_reset = closes.by_reset,
                                        .unasked = closes.unasked},
                             .succeeded = m->succeeded,
                             .failed = m->failed,
                             .ejections = m->failures.ejections(),
                             .latency = state_->balance.latency(m->key, now),
                             .idle_limit_learned = m->connections->idle_limit_learned(),
                             .ports = here,
                             .ports_left = here > connections ? here - connections : 0});
  }
  return out;
}

}  // namespace waitstate::client
