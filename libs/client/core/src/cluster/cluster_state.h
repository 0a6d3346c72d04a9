#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cluster/balancer.h"
#include "cluster/call_times.h"
#include "cluster/ended_calls.h"
#include "cluster/failure_detector.h"
#include "cluster/retry_budget.h"
#include "net/shared_timer.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {

/// One server.
struct cluster::member {
  member(std::uint64_t k, endpoint e, std::shared_ptr<pool> p, failure_detector f)
      : key(k), to(std::move(e)), connections(std::move(p)), failures(std::move(f)) {}

  const std::uint64_t key;
  const endpoint to;
  const std::shared_ptr<pool> connections;
  failure_detector failures;
  time_point probe_ends{};
  double weight = 1;
  bool leaving = false;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
};

/// What a cluster knows; everything guarded by `lock` but what is atomic. Pools are not called with
/// it held but for their counters, as they call back.
struct cluster::state {
  state(const cluster_settings& settings, const asio::any_io_executor& executor);

  /// Takes the lock and enters into the books what ended without it.
  [[nodiscard]] std::unique_lock<std::mutex> hold();
  [[nodiscard]] member* find(std::uint64_t key) const;
  /// The one that is not leaving.
  [[nodiscard]] member* find(const endpoint& to) const;

  /// Tells the balancer who may be tried now.
  void refresh(time_point now);
  void refresh(member& m, time_point now);
  void wait_for_set(const std::shared_ptr<one_shot<bool>>& changed);
  /// Lets those that wait for the set look again.
  void wake_all();
  /// Is there a server that cannot be reached or has left, or one whose pool could not be made?
  [[nodiscard]] bool is_somebody_to_look_after() const;

  struct counters {
    std::uint64_t calls = 0;
    std::uint64_t retries = 0;
    std::uint64_t hedges = 0;
    std::uint64_t retries_over_budget = 0;
    std::uint64_t failovers = 0;
    std::uint64_t ejections = 0;
    std::uint64_t opened_to_all = 0;
    std::uint64_t evicted = 0;
  };

  /// A pool that keeps no idle connection cannot be probed with one: a call has to do it.
  const bool probes_in_background;
  std::mutex lock;  // by hold()
  std::uint64_t times_held = 0;
  ended_calls ended;
  random_source random;  // one for all, as copies would repeat each other
  endpoint_set set;
  std::vector<std::unique_ptr<member>> members;
  std::uint64_t last_key = 0;
  balancer balance;
  retry_budget budget;
  counters counts;
  std::atomic<std::uint64_t> attempts{0};   // without the lock, which a call takes once
  call_times times;                         // by themselves
  std::atomic<std::uint64_t> under_way{0};  // calls, where they are limited
  std::atomic<std::uint64_t> shed{0};
  pool_counts gone;
  time_point next_refresh{};
  std::vector<std::weak_ptr<one_shot<bool>>> waiting;
  std::atomic<std::size_t> starved_turn{0};
  bool running = false;
  bool stopped = false;
  bool is_incomplete = false;  // a pool could not be made
  std::shared_ptr<reminder> rounds;
  const std::shared_ptr<one_shot<bool>> stopping;
  const std::shared_ptr<void> alive = std::make_shared<int>();
};

/// Adds `more` to `sum`, counter by counter.
void add(pool_counts& sum, const pool_counts& more);

}  // namespace waitstate::client
