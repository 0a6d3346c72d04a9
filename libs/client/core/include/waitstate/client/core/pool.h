#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/call_stack.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/dialer.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/lease.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/client/core/pool_limits.h"
#include "waitstate/client/core/pool_metrics.h"
#include "waitstate/client/core/reclaim.h"

namespace waitstate::client {

/// What a pool tells its owner while it works. Called on the pool's executor, or on the thread of
/// whoever gives a lease back or reclaims it. What they throw is dropped.
struct pool_events {
  /// A lease is out for longer than pool_settings::leak_report_after; once for each.
  std::function<void(const ledger_entry&)> leaked{};
  /// One that was reported came back after all.
  std::function<void(const ledger_entry&)> came_back{};
  std::function<void(const ledger_entry&, reclaim_reason)> reclaimed{};
  /// A connection was made and prepared.
  std::function<void()> connected{};
  /// A dial failed.
  std::function<void(const error&)> dial_failed{};
};

struct pool_settings {
  pool_limits limits{};           ///< How many, and for how long.
  dial_settings dial{};           ///< How they are made.
  reclaim_policy reclaim{};       ///< When leases are taken back.
  duration leak_report_after{0};  ///< 0: no reports.
  /// Every n-th lease's stack is kept for the ledger; 0: none. Taking one costs microseconds. It is
  /// the stack of the thread that calls acquire(), up to whatever resumed that coroutine.
  std::uint32_t stack_every = 0;
  /// After a failed dial, how long until the next one: doubling from the first to the second.
  duration redial_first = std::chrono::milliseconds(50);
  duration redial_max = std::chrono::seconds(10);  ///< See redial_first.
  /// A protocol's own greeting on a new connection, before anybody gets it. When it fails with
  /// errc::unsupported (the server hangs up on such a greeting) one more connection is made at
  /// once, in the same time, for the greeting to be another one.
  std::function<task<>(connection_ptr, time_point deadline)> prepare{};
  /// Asks a connection whether it is well, in the protocol's words: idle ones, each `ping_every`
  /// that it was not used. One that fails, or has not answered in `ping_time_max`, is closed.
  std::function<task<>(connection_ptr, time_point deadline)> ping{};
  duration ping_every{0};                            ///< 0: never.
  duration ping_time_max = std::chrono::seconds(1);  ///< See ping.
  /// How a connection that was idle or lived for too long is closed; a reset is for all others too.
  /// It leaves no TIME-WAIT here, and is done only when nothing is unread or unsent.
  close_how expire_with = close_how::orderly;
  /// Each connection is looked at before it is leased, also for a call that can be made again over
  /// one that came back less than a millisecond ago: for who leases them to others than himself, to
  /// whom a byte that nobody asked for must not come.
  bool looks_always = false;
  pool_events events{};  ///< What the owner is told.
  /// Somebody waits and the shared capacity is used up: closes an idle connection elsewhere; false
  /// when there is none. Set by a cluster.
  std::function<bool()> make_room{};
};

struct acquire_options {
  time_limit deadline;  ///< How long to wait in line, a dial included.
  /// What the ledger and its reports name.
  std::source_location where = std::source_location::current();
  /// Whose stack the ledger shows; null: that of who calls acquire(), every n-th time.
  std::shared_ptr<const call_stack> stack{};
  /// What it is for can be done again where the connection has ended. Then one without TLS that
  /// came back within the last millisecond is not asked whether it has: that is a system call.
  bool is_repeatable = false;
};

/// Connections to one endpoint, shared by everybody in the process. Nothing here blocks and no
/// thread is hidden: everything runs on the executor, once run() was spawned on it.
///
/// Any thread may call any member. Make it with make(); leases keep it alive.
class pool : public std::enable_shared_from_this<pool> {
 public:
  ~pool();

  /// `shared` outlives the pool and its leases.
  static result<std::shared_ptr<pool>> make(asio::any_io_executor executor, endpoint to,
                                            pool_settings settings, capacity& shared);
  static result<std::shared_ptr<pool>> make(asio::any_io_executor executor, endpoint to,
                                            pool_settings settings,
                                            std::shared_ptr<capacity> shared);

  /// Watches connections, expires them, reports and reclaims leaks. Until stop(). Spawn it once;
  /// without it the pool only leases, dials and keeps deadlines. What has to be done at some time
  /// is done by one timer and one epoll set for all pools on executors of the same context.
  asio::awaitable<void> run();
  void stop();

  /// A connection, or why there was none in time:
  /// "pool 'db:5432': timed out after 2 s without a connection: 16 of 16 in use, 3 wait", or
  /// "connect db:5432: Connection refused (pool 'db:5432': 0 of 16 in use, 0 wait)".
  [[nodiscard]] task<lease> acquire(acquire_options options);

  /// A clean idle connection, if there is one: what acquire() gives when nobody has to wait.
  [[nodiscard]] lease take_idle(const acquire_options& options, time_point now = clock::now());

  /// The lease ledger, oldest lease first.
  [[nodiscard]] std::vector<ledger_entry> leases() const;
  /// Takes one lease from its holder. False when it is over already.
  bool reclaim(lease_id id);
  /// Closes what is idle and replaces what is leased as it comes back.
  void rebuild();
  /// Where the server is reached from now on (weighted_endpoint::addresses). Connections to
  /// addresses that are none of it any more are closed when they are idle or come back.
  void reach_at(const std::vector<endpoint>& addresses);
  /// Refuses new leases, whoever waits included, and closes connections as they come back.
  void drain();
  void prewarm(std::uint32_t connections);
  /// Dials for whoever waits, if there is room now. It happens by itself, but for room that was
  /// made in the shared capacity, which is noticed five times a second.
  void dial_if_wanted();
  /// Closes the connection that was idle for longest; false when none is.
  bool evict_oldest_idle();

  /// The server states that it closes connections that are idle for `limit`: ours go at 0.8 of it,
  /// if that is less than pool_limits::idle_time_max. Closes that are observed teach the same.
  void learn_idle_limit(duration limit);
  /// What was learned, undercut already.
  [[nodiscard]] std::optional<duration> idle_limit_learned() const;

  /// Does somebody wait for a dial that only the shared capacity forbids, if anything?
  [[nodiscard]] bool wants_room() const;
  /// Since when the connection is idle that is so for longest; nothing when none is.
  [[nodiscard]] std::optional<time_point> oldest_idle_since() const;

  [[nodiscard]] pool_metrics metrics() const;
  [[nodiscard]] const close_counts& closes() const;
  [[nodiscard]] const endpoint& to() const;
  [[nodiscard]] const pool_settings& settings() const;
  [[nodiscard]] asio::any_io_executor executor() const;

 private:
  friend class lease;
  struct state;

  explicit pool(std::unique_ptr<state> made);

  task<lease> acquire_for(std::shared_ptr<pool> self, acquire_options options);
  [[nodiscard]] static bool is_clean(const lease& granted);
  [[nodiscard]] static bool is_at_its_end(const lease& granted);
  [[nodiscard]] bool is_current(lease_id id) const;
  void give_back(lease_id id, const connection_ptr& what, bool reusable, time_point now);
  [[nodiscard]] error why_no_connection(time_point began, time_point deadline) const;
  [[nodiscard]] error why_refused() const;

  const std::unique_ptr<state> state_;
};

}  // namespace waitstate::client
