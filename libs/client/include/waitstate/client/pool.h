#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/asio.h"
#include "waitstate/client/capacity.h"
#include "waitstate/client/connection.h"
#include "waitstate/client/dialer.h"
#include "waitstate/client/pool_core.h"
#include "waitstate/client/reclaim.h"
#include "waitstate/client/watcher.h"

namespace waitstate::client {

class pool;

/// A connection that is yours until you give it back. Gives itself back when destroyed: as broken,
/// unless keep() was called, since only the protocol knows whether it is clean.
///
/// The pool may reclaim a lease that looks leaked. Then the connection is shut down: reading and
/// writing fail, is_reclaimed() is true, and giving it back is harmless.
class lease {
 public:
  lease() = default;
  lease(std::shared_ptr<pool> from, granted_lease granted);
  ~lease();
  lease(lease&& other) noexcept;
  lease& operator=(lease&& other) noexcept;
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;

  explicit operator bool() const { return what_ != nullptr; }
  connection& operator*() const { return *what_; }
  connection* operator->() const { return what_.get(); }
  [[nodiscard]] const connection_ptr& shared() const { return what_; }
  [[nodiscard]] lease_id id() const { return id_; }
  /// Did this connection serve somebody before? Retries are safe only then (RFC 9110 9.2.2).
  [[nodiscard]] bool is_reused() const { return reused_; }
  [[nodiscard]] bool is_reclaimed() const;

  /// Says that the connection is clean: nothing unread, nothing half sent.
  void keep() { reusable_ = true; }
  /// Gives it back now.
  void give_back();

 private:
  std::shared_ptr<pool> from_;
  lease_id id_;
  connection_ptr what_;
  bool reusable_ = false;
  bool reused_ = false;
};

/// One line of the lease ledger.
struct ledger_entry {
  lease_id id;
  endpoint to;
  duration out_for;          ///< Since it was leased.
  duration last_byte_ago;    ///< Since the last byte in either direction.
  bool peer_closed = false;  ///< In CLOSE-WAIT: nothing can come any more.
  std::source_location where;
};

/// "10.0.0.7:80 lease 3/17 out for 5 min 2 s, last byte 5 min ago, the peer has closed: main.cpp:42
/// fetch()"
[[nodiscard]] std::string to_string(const ledger_entry& e);

/// What a pool tells its owner while it works. Called on the pool's executor.
struct pool_events {
  /// A lease is out for longer than pool_settings::leak_report_after; once for each.
  std::function<void(const ledger_entry&)> leaked;
  /// One that was reported came back after all.
  std::function<void(const ledger_entry&)> came_back;
  std::function<void(const ledger_entry&, reclaim_reason)> reclaimed;
  /// A dial failed.
  std::function<void(const error&)> dial_failed;
};

struct pool_settings {
  pool_limits limits;
  dial_settings dial;
  reclaim_policy reclaim;
  duration leak_report_after{0};  ///< 0: no reports.
  /// After a failed dial, how long until the next one: doubling from the first to the second.
  duration redial_first = std::chrono::milliseconds(50);
  duration redial_max = std::chrono::seconds(10);
  /// A protocol's own greeting on a new connection, before anybody gets it.
  std::function<task<>(connection_ptr, time_point deadline)> prepare;
  pool_events events;
};

struct acquire_options {
  time_point deadline;
  std::source_location where = std::source_location::current();
};

/// Connections to one endpoint, shared by everybody in the process. Nothing here blocks and no
/// thread is hidden: everything runs on the executor, once run() was spawned on it.
///
/// Any thread may call any member. Make it with make(); leases keep it alive.
class pool : public std::enable_shared_from_this<pool> {
 public:
  /// `shared` outlives the pool.
  static result<std::shared_ptr<pool>> make(asio::any_io_executor executor, endpoint to,
                                            pool_settings settings, capacity& shared);

  /// Watches connections, expires them, ends operations past their deadline, reports and reclaims
  /// leaks. Until stop(). Spawn it once; without it the pool only leases and dials.
  asio::awaitable<void> run();
  void stop();

  /// A connection, or why there was none in time:
  /// "pool 'db:5432': no connection within 2 s: 16 of 16 in use, last connect refused ...".
  [[nodiscard]] task<lease> acquire(acquire_options options);

  /// The lease ledger, oldest lease first.
  [[nodiscard]] std::vector<ledger_entry> leases() const;
  /// Takes one lease from its holder. False when it is over already.
  bool reclaim(lease_id id);
  /// Closes what is idle and replaces what is leased as it comes back.
  void rebuild();
  /// Refuses new leases and closes connections as they come back.
  void drain();
  void prewarm(std::uint32_t connections);

  [[nodiscard]] const endpoint& to() const { return to_; }
  [[nodiscard]] const pool_core& core() const { return core_; }
  [[nodiscard]] asio::any_io_executor executor() const { return executor_; }

 private:
  friend class lease;

  pool(asio::any_io_executor executor, endpoint to, pool_settings settings, capacity& shared);

  void give_back(lease_id id, const connection_ptr& what, bool reusable);
  void start_dials();
  static asio::awaitable<void> make_connection(std::shared_ptr<pool> self, std::uint32_t slot);
  void dial_failed(std::uint32_t slot, error why);
  [[nodiscard]] duration redial_pause() const;
  static asio::awaitable<void> redial_after(std::shared_ptr<pool> self, duration pause);
  void on_peer_closed(const connection_ptr& closed);
  void close(const pooled_ptr& what, close_how how);
  void end_overdue_operations(time_point now);
  void look_for_leaks(time_point now);
  bool reclaim(lease_id id, reclaim_reason why);
  [[nodiscard]] std::string why_no_connection(duration waited) const;

  const asio::any_io_executor executor_;
  const endpoint to_;
  const pool_settings settings_;
  pool_core core_;
  std::shared_ptr<watcher> watcher_;
  std::atomic<std::uint64_t> dials_{0};
  std::atomic<std::uint32_t> failures_in_a_row_{0};
  std::atomic<duration::rep> no_dial_before_{0};
  std::atomic<bool> stopped_{false};
  mutable std::mutex lock_;
  std::optional<error> last_failure_;
  std::vector<lease_id> reported_;
};

}  // namespace waitstate::client
