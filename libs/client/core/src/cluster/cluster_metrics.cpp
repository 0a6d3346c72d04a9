#include "waitstate/client/core/cluster_metrics.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "cluster/cluster_state.h"
#include "net/port_range.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

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
  sum.checks += more.checks;
  sum.checks_failed += more.checks_failed;
}

cluster_metrics cluster::metrics() const {
  const auto now = clock::now();
  const auto range = read_port_range().value_or(port_range{});
  const auto sources = std::max<std::size_t>(settings_.pool.dial.source_addresses.size(), 1);
  const auto ports = static_cast<std::uint32_t>(range.size() * sources);

  const auto held = state_->hold();
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
                      .attempts = state_->attempts.load(std::memory_order_relaxed),
                      .retries = counts.retries,
                      .hedges = counts.hedges,
                      .shed = state_->shed.load(std::memory_order_relaxed),
                      .retries_over_budget = counts.retries_over_budget,
                      .failovers = counts.failovers,
                      .ejections = counts.ejections,
                      .opened_to_all = counts.opened_to_all,
                      .evicted = counts.evicted,
                      .answered_in = state_->times.answered(),
                      .failed_in = state_->times.failed()};
  for (const auto& m : state_->members) {
    const auto of_pool = m->connections->metrics();
    const auto& closes = m->connections->closes();
    const auto connections = of_pool.connections;
    const auto here = m->to.is_unix() ? 0 : ports;
    out.connections += connections;
    out.endpoints.push_back({.to = m->to,
                             .weight = m->weight,
                             .leaving = m->leaving,
                             .state = m->failures.at(now),
                             .idle = of_pool.idle,
                             .leased = of_pool.leased,
                             .waiting = of_pool.waiting,
                             .connections = connections,
                             .pending = state_->balance.pending(m->key),
                             .counts = of_pool.counts,
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
