#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "net/shared_timer.h"
#include "pool/idle_budget.h"
#include "pool/pool_dials.h"
#include "pool/pool_shared.h"
#include "waitstate/base/result.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/client/core/reclaim.h"

namespace waitstate::client {

/// What a pool does of itself, in rounds: it expires what is idle for too long, has the idle ones
/// watched and asked whether they are well, reports and reclaims leases that look leaked, dials
/// where room was made or too few are idle. And what it does when a peer closes.
///
/// The rounds of all pools on an executor come at the same moments, by their one timer, and only
/// for as long as there is something to look at: a pool whose idle connections are all watched is
/// left alone until the first of them expires, one without connections for good.
///
/// Any thread may call any member.
class pool_housekeeping {
 public:
  /// How often leases are looked at; leaks are counted in minutes.
  static constexpr duration round = std::chrono::milliseconds(200);

  pool_housekeeping(pool_shared& shared, pool_dials& dials);

  /// `owner`: the pool, which each round keeps alive.
  result<> wire(const std::weak_ptr<void>& owner);

  void start();
  void stop();

  /// Something is to be looked at in the round after `now`: a connection came, went out or back.
  void look_soon(time_point now) {
    if (is_running_ && !rounds_->is_due_by(now + round)) {
      rounds_->remind_by(rounded_up(now, round));
    }
  }

  void peer_closed(const connection_ptr& closed);
  void bytes_came(const connection_ptr& spoken_to);
  /// The peer's end may have come while the connection was neither leased nor idle.
  void close_if_dead(const connection_ptr& idle);

  bool evict_oldest_idle();
  /// Closes what is idle and has what is leased closed as it comes back.
  void rebuild();
  /// pool::reach_at().
  void reach_at(const std::vector<endpoint>& addresses);

  void learn_idle_limit(duration limit);
  [[nodiscard]] std::optional<duration> idle_limit_learned() const;

  bool reclaim(lease_id id, reclaim_reason why);
  /// A lease is back: of one that was reported as leaked that is told.
  void came_back(lease_id id);

 private:
  void keep_house(time_point now);
  [[nodiscard]] time_point next_round(time_point now) const;
  void apply_idle_limit(time_point now);
  void watch_the_idle(time_point now);
  void check_the_idle(time_point now);
  /// One after the other, until none is due. Keeps the pool alive by `owner`.
  asio::awaitable<void> check_in_turn(std::shared_ptr<void> owner, granted_lease first);
  asio::awaitable<void> check(granted_lease taken);
  void look_for_leaks(time_point now);
  bool is_first_report(lease_id id);

  pool_shared& shared_;
  pool_dials& dials_;
  std::weak_ptr<void> owner_;
  std::shared_ptr<reminder> rounds_;
  std::atomic<bool> is_running_{false};
  mutable std::mutex lock_;
  std::vector<lease_id> reported_;
  idle_budget idle_budget_;
};

}  // namespace waitstate::client
