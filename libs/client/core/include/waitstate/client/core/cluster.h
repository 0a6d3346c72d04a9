#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/call_record.h"
#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/call_stack.h"
#include "waitstate/client/core/call_watch.h"
#include "waitstate/client/core/cancellable.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster_calls.h"
#include "waitstate/client/core/cluster_lease.h"
#include "waitstate/client/core/cluster_metrics.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/endpoint_set.h"
#include "waitstate/client/core/endpoint_source.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/client/core/pool.h"
#include "waitstate/client/core/random.h"

namespace waitstate::client {

template <class T>
class one_shot;

/// What a cluster tells its owner while it works, on any of its executor's threads. Must not call
/// back into the cluster's run() and stop(). What they throw is dropped.
struct cluster_events {
  std::function<void(const endpoint_set&)> endpoints_changed{};
  std::function<void(const endpoint&, time_point dead_until)> ejected{};
  std::function<void(const endpoint&)> revived{};
  std::function<void(const endpoint&, const error&, std::uint32_t attempt)> retried{};
};

struct cluster_settings {
  std::string name = "cluster";  ///< In messages: "cluster 'search': ...".
  /// For each server. `events` are passed on; limits.connections_max is per server.
  pool_settings pool{};
  std::uint32_t prewarm = 0;  ///< Connections made to each server when it appears.
  /// Calls that may be under way at once; past it one is refused at once with errc::overloaded,
  /// which keeps the delay of the others bounded. 0: no limit.
  std::uint32_t calls_max = 0;
  balancer_settings balance{};           ///< Who gets a call.
  failure_settings failures{};           ///< Who gets none.
  retry_settings retries{};              ///< How often a call is tried.
  retry_budget_settings retry_budget{};  ///< How many retries all calls may have together.
  /// While the source has never been reached: true fails a call as soon as the source says why,
  /// false lets it wait until its deadline.
  bool fail_while_unknown = false;
  cluster_events events{};  ///< What the owner is told.
  call_hooks calls{};       ///< Who is told of each attempt of each call.
  random_source random{};   ///< system_random() unless set.
  /// Somebody waits, the shared capacity is used up and no connection is idle here: closes an idle
  /// one of another cluster; false when there is none. For who shares a capacity.
  std::function<bool()> make_room{};
};

class patience;

/// The servers of one service: which there are (endpoint_source), a pool of connections to each,
/// who gets the next call (balancer), who gets none (failure_detector), and what is tried again
/// (retry_rule, retry_budget).
///
/// A server that appears gets its share at once; one that disappears gets nothing more, and its
/// leases finish. Nothing here blocks and no thread is hidden: everything runs on the executor,
/// once run() was spawned on it. Any thread may call any member; leases keep it alive.
class cluster : public std::enable_shared_from_this<cluster> {
 public:
  /// `shared` limits the connections to all servers together, and may be shared with other
  /// clusters; null: no limit. A connection that is idle at one server makes room for a call that
  /// waits at another one of this cluster.
  ///
  /// Fails when the settings make no sense.
  static result<std::shared_ptr<cluster>> make(asio::any_io_executor executor,
                                               std::shared_ptr<endpoint_source> source,
                                               cluster_settings settings,
                                               std::shared_ptr<capacity> shared = {});
  ~cluster();

  /// Runs the source and the pools' housekeeping, until stop(). Spawn it once.
  asio::awaitable<void> run();
  /// No new leases; connections close as they come back.
  void stop();

  /// A connection to the server that the balancer picks; to another when connecting fails, each at
  /// most once. Waits for the first set of endpoints, and for a connection, until the deadline.
  [[nodiscard]] task<cluster_lease> acquire(acquire_options options);

  /// Runs `operation` over a connection, again over another one where decide_retry() and the
  /// budget allow it. The attempt lives until its task is done. The error is that of the last
  /// attempt.
  template <class T>
  [[nodiscard]] task<T> call(call_options options, std::function<task<T>(attempt*)> operation);

  /// call() without a connection: for protocols that carry many calls over one connection, which
  /// the operation has already, or takes with lease_at(), to `attempt::to`.
  template <class T>
  [[nodiscard]] task<T> call_shared(call_options options,
                                    std::function<task<T>(attempt*)> operation);

  /// A connection to this server, whatever the balancer says; to be kept for long. Fails with
  /// errc::not_found when the server is not in the set (any more).
  [[nodiscard]] task<lease> lease_at(endpoint to, acquire_options options);

  /// What somebody else saw: a health check, a connection that several calls share.
  void report(const endpoint& to, call_outcome outcome, std::optional<duration> latency = {});

  /// The servers as known now.
  [[nodiscard]] endpoint_set endpoints() const;
  [[nodiscard]] cluster_metrics metrics() const;
  /// The lease ledger of all pools, oldest lease first.
  [[nodiscard]] std::vector<ledger_entry> leases() const;
  /// Takes one lease from its holder, as the ledger names it. False when it is over already.
  bool reclaim(const endpoint& to, lease_id id);
  /// When the connection became idle that has been so for longest; nothing when none is.
  [[nodiscard]] std::optional<time_point> oldest_idle_since() const;
  /// Closes it; false when none was idle any more.
  bool evict_oldest_idle();
  /// pool::rebuild() everywhere.
  void rebuild();
  /// pool::learn_idle_limit() of the server's pool: a Keep-Alive header was seen.
  void learn_idle_limit(const endpoint& to, duration limit);

  [[nodiscard]] const std::string& name() const { return settings_.name; }
  [[nodiscard]] const cluster_settings& settings() const { return settings_; }
  [[nodiscard]] asio::any_io_executor executor() const { return executor_; }

 private:
  friend class cluster_lease;
  friend class call_place;
  friend class call_watch;
  using server_key = std::uint64_t;
  friend class cluster_books;  // of the tests
  struct member;
  struct state;
  /// Servers where this call has failed already.
  using tried = std::vector<server_key>;

  cluster(asio::any_io_executor executor, std::shared_ptr<endpoint_source> source,
          cluster_settings settings, std::shared_ptr<capacity> shared);

  // Coroutines get `self` from their callers: they may begin when nobody else has it any more.
  enum class carrier : std::uint8_t { connection, shared };
  template <class T>
  static task<T> repeat(std::shared_ptr<cluster> self, call_options options,
                        std::function<task<T>(attempt*)> operation, carrier what, call_half half);
  template <class T>
  static task<T> hedge(std::shared_ptr<cluster> self, call_options options,
                       std::function<task<T>(attempt*)> operation, carrier what);
  template <class T>
  static task<> run_half(std::shared_ptr<cluster> self, call_options options,
                         std::function<task<T>(attempt*)> operation, carrier what, call_half half,
                         std::shared_ptr<std::optional<result<T>>> into);
  /// Runs the first half, and the second where it is worth it: which one has the answer.
  static task<std::size_t> race(std::shared_ptr<cluster> self, std::shared_ptr<hedged_call> both,
                                std::function<task<>(std::size_t)> run);
  [[nodiscard]] bool is_hedged(const call_options& options) const {
    return settings_.retries.hedge_after.count() > 0 && options.may_run_twice &&
           options.idempotent && options.replayable;
  }
  static task<cluster_lease> acquire_anywhere(std::shared_ptr<cluster> self,
                                              acquire_options options);
  struct choice {
    std::uint64_t key = 0;
    bool is_alive = false;                    ///< Nobody learns anything from a call that succeeds.
    std::shared_ptr<pool> connections;        ///< Null when there is nobody.
    std::shared_ptr<one_shot<bool>> changed;  ///< Not null: nothing is known yet, wait for this.
  };
  /// What take_at_once() has come to: a server, where there is one, and the call under way there.
  struct first_choice {
    choice chosen;
    cluster_lease taken;
  };
  /// The usual case, without a coroutine: a server is chosen, and a connection to it is idle. True
  /// then; otherwise acquire_elsewhere() goes on from there. Nothing is chosen after the deadline.
  bool take_at_once(std::optional<first_choice>& first, const acquire_options& options,
                    const tried& failed_at, const asio::any_io_executor& caller, bool begins_call,
                    time_point now);
  /// `failed_at` outlives the task.
  static task<cluster_lease> acquire_elsewhere(std::shared_ptr<cluster> self,
                                               acquire_options options, tried* failed_at,
                                               std::optional<first_choice> first, bool begins_call);
  /// As acquire_elsewhere(), without a connection.
  static task<cluster_lease> pick_elsewhere(std::shared_ptr<cluster> self, acquire_options options,
                                            tried* failed_at, bool begins_call);
  [[nodiscard]] error no_such_server(const endpoint& to) const;
  asio::awaitable<void> run_until_stopped();
  attempt begin_attempt(cluster_lease& over, std::uint32_t number, const call_options& options);
  /// Reports, and decides whether there is another attempt, and when.
  std::optional<time_point> try_again(cluster_lease over, const attempt& made, const error* failed,
                                      const call_options& options, tried& failed_at,
                                      std::shared_ptr<patience>& patient, time_point now);
  /// The same for a call that has found no server. `wanted` waits no longer then than that is
  /// worth; when there is no other attempt, `why` is what was met first.
  std::optional<time_point> try_once_reachable(error& why, const call_options& options,
                                               acquire_options& wanted,
                                               std::shared_ptr<patience>& patient);
  std::optional<time_point> next_try(const call_options& options,
                                     std::shared_ptr<patience>& patient, time_point now);
  [[nodiscard]] bool take_retry(time_point now);
  static asio::awaitable<void> wait_until(time_point at);

  /// `begins_call`: and counts a call that begins, with the lock taken once for both.
  choice choose(const std::vector<server_key>& failed_at,
                const std::vector<server_key>& unreachable, const asio::any_io_executor& caller,
                bool begins_call, time_point now);
  [[nodiscard]] bool is_there_another(const std::vector<server_key>& unreachable) const;
  [[nodiscard]] error why_nobody() const;
  [[nodiscard]] error why_too_late() const;
  /// Why an attempt is not made with what it was given, which is kept; nothing when it is.
  std::optional<error> why_unused(cluster_lease& over, const call_options& options,
                                  const call_half& half, time_point now) const;
  void count_call(duration took, bool is_well);

  void use(const endpoint_set& set);
  std::shared_ptr<pool> make_pool(std::uint64_t key, const endpoint& to);
  /// A call that was given a server is over. One that succeeded at a server that `was_alive` is
  /// entered into the books later, without the lock.
  void end(std::uint64_t member, bool was_alive, call_outcome outcome,
           std::optional<duration> latency, time_point now);
  void judge(std::uint64_t key, call_outcome outcome, std::optional<duration> latency,
             bool was_picked);
  void connect_ended(std::uint64_t key, bool is_connected);
  template <class Change>
  void change_health(std::uint64_t key, time_point now, const Change& change);
  void keep_house(time_point now);
  void keep_house_soon(time_point now);
  void probe_the_dead(time_point now);
  void let_go();
  bool make_room();
  void serve_the_starved();
  [[nodiscard]] std::vector<std::shared_ptr<pool>> pools() const;

  const asio::any_io_executor executor_;
  const std::shared_ptr<endpoint_source> source_;
  const cluster_settings settings_;
  const std::shared_ptr<capacity> shared_;
  stack_sampler stacks_;
  const std::unique_ptr<state> state_;
};

}  // namespace waitstate::client

#include "waitstate/client/core/cluster_repeat.h"  // IWYU pragma: export
