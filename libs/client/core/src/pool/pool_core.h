#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <utility>
#include <vector>

#include "pool/idle_list.h"
#include "pool/lifetimes.h"
#include "pool/slot_word.h"
#include "waitstate/client/core/call_stack.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/client/core/pool_limits.h"
#include "waitstate/client/core/pool_metrics.h"
#include "waitstate/client/core/pooled.h"

namespace waitstate::client {

/// A lease and what it is of.
struct granted_lease {
  lease_id id;
  pooled_ptr what;
  bool reused = false;      ///< The connection was leased before.
  time_point idle_since{};  ///< When it became idle, if it was.
};

/// One leased connection, as the ledger shows it.
struct lease_record {
  lease_id id;
  pooled_ptr what;
  time_point leased_at;
  std::source_location where;
  std::shared_ptr<const call_stack> stack;  ///< Of whoever leases it; null where none was taken.
};

/// The decisions of a pool of connections to one endpoint: who gets which connection, who waits,
/// when to dial, what to close. It owns no socket, thread or clock: the caller performs what it
/// says and reports what happened.
///
/// Idle connections are leased last in, first out, so that a small load keeps few of them warm.
/// Waiters are served first in, first out; a connection that comes back goes straight to the first
/// of them. No more dials are under way than there are waiters for them, and a waiter takes
/// whichever comes first, a dialed connection or a returned one.
///
/// Any thread may call any member. Callbacks run on the calling thread, outside of the lock.
class pool_core {
 public:
  /// Somebody who waits. `granted` is called once with the lease, unless withdraw() or
  /// take_waiter() came first.
  struct waiter {
    std::source_location where;
    std::shared_ptr<const call_stack> stack;
    std::function<void(granted_lease)> granted;

   private:
    friend class pool_core;
    std::optional<std::list<std::shared_ptr<waiter>>::iterator> place_;
  };

  enum class outcome : std::uint8_t {
    leased,   ///< `lease` is yours.
    waiting,  ///< You are in the queue.
    refused,  ///< The queue is full, or the pool is draining.
  };
  struct acquired {
    outcome what = outcome::refused;
    granted_lease lease;
  };

  enum class returned : std::uint8_t {
    kept,    ///< It is idle in the pool, or a waiter has it already.
    closed,  ///< Close the connection: the slot is vacant again.
    late,    ///< The lease was reclaimed before; the slot is somebody else's. Close what you hold.
  };

  /// `shared` outlives the pool.
  pool_core(const pool_limits& limits, capacity& shared);
  pool_core(const pool_core&) = delete;
  pool_core& operator=(const pool_core&) = delete;

  /// The fast path: an idle connection or nothing.
  [[nodiscard]] std::optional<granted_lease> try_acquire(
      time_point now, std::source_location where, std::shared_ptr<const call_stack> stack = {});

  /// An idle connection at once, or a place in the queue for `w`.
  [[nodiscard]] acquired acquire(time_point now, const std::shared_ptr<waiter>& w);

  /// Takes a waiter out of the queue. False when it was granted a lease meanwhile: its callback
  /// has been or is being called.
  bool withdraw(const std::shared_ptr<waiter>& w);

  /// Takes the first waiter out of the queue, to be told that there is nothing to wait for.
  [[nodiscard]] std::shared_ptr<waiter> take_waiter() {
    const std::scoped_lock held(lock_);
    return waiters_.empty() ? nullptr : pop_waiter();
  }

  /// Ends a lease. `reusable`: the connection is clean and may serve another.
  returned give_back(lease_id lease, bool reusable, time_point now) {
    return end_lease(lease, how_used::leased, reusable, now);
  }

  /// Takes a lease from its holder: the slot is vacant at once. True for exactly one caller per
  /// lease, and only if it did not come back first; that caller gets the connection, to shut it
  /// down. Everybody else gets nothing.
  [[nodiscard]] pooled_ptr reclaim(lease_id lease);

  [[nodiscard]] bool is_current(lease_id lease) const {
    return slots_[lease.slot].word.load() ==
           slot_word::value{.state = slot_state::leased, .generation = lease.generation};
  }

  /// A slot to dial for, or nothing when no dial is wanted: call again until it is nothing, after
  /// acquire, give_back, reclaim, dialed and closed. Each one that is given must be answered by
  /// dialed().
  [[nodiscard]] std::optional<std::uint32_t> next_dial();
  /// A dial ended. What it made goes to the first waiter, or is idle; nothing when it failed.
  /// One that is not wanted any more (the pool drains, or may keep no more idle ones) is given
  /// back, to be closed.
  pooled_ptr dialed(std::uint32_t slot, pooled_ptr made, time_point now);

  /// Leases an idle connection that nobody has used or found well since `before`, to find out
  /// whether it is; nothing when there is none. It counts as no use of the connection. A few are
  /// out for that at once, and the one that is leased next only when no other is.
  [[nodiscard]] std::optional<granted_lease> take_unchecked(time_point before, time_point now,
                                                            std::source_location where);
  /// Ends such a lease. A connection that is well is idle for as long as before.
  returned give_back_checked(lease_id lease, bool is_well, time_point now) {
    return end_lease(lease, how_used::checked, is_well, now);
  }
  /// When the first idle one will have been neither used nor checked for `every`.
  [[nodiscard]] time_point next_check(duration every) const;

  /// Asks for `count` idle connections more than there are, within the limits: next_dial() will
  /// give slots for them.
  void prewarm(std::uint32_t count);

  struct taken_idle {
    pooled_ptr what;  ///< Null when it is not idle any more.
    time_point idle_since;
  };
  /// Takes an idle connection out of the pool because its peer closed it; the caller closes it.
  [[nodiscard]] taken_idle take_idle(const pooled& what);
  /// Takes out, to be closed, every connection that was idle or has lived for too long.
  [[nodiscard]] std::vector<pooled_ptr> take_expired(time_point now);
  struct idle_record {
    pooled_ptr what;
    bool used = false;  ///< It was leased before.
  };
  /// Those that are idle since before `then` and were not checked after it, whose answer may only
  /// now be told as bytes; longest first. They stay where they are.
  [[nodiscard]] std::vector<idle_record> idle_since_before(time_point then) const;
  /// Takes out the connection that was idle for longest, to make room elsewhere.
  [[nodiscard]] pooled_ptr take_oldest_idle() {
    const std::scoped_lock held(lock_);
    return idle_.oldest() == none ? nullptr : take_out(idle_.oldest());
  }
  /// Since when that one is idle; nothing when there is none.
  [[nodiscard]] std::optional<time_point> oldest_idle_since() const {
    const std::scoped_lock held(lock_);
    if (idle_.oldest() == none) return std::nullopt;
    return idle_.since(idle_.oldest());
  }
  /// Since when the one is idle that is leased next; time_point::min() when there is none.
  [[nodiscard]] time_point newest_idle_since() const {
    const std::scoped_lock held(lock_);
    return idle_.newest() == none ? time_point::min() : idle_.since(idle_.newest());
  }
  /// When take_expired() will have something to give, as things are; time_point::max(): never.
  [[nodiscard]] time_point next_expiry() const;
  /// Are more dials wanted than are under way?
  [[nodiscard]] bool wants_dial() const {
    const std::scoped_lock held(lock_);
    return !draining_ && !vacant_.empty() && dialing_ < dials_wanted();
  }
  /// Does somebody wait for a dial that only the shared capacity forbids, if anything?
  [[nodiscard]] bool wants_room() const {
    const std::scoped_lock held(lock_);
    return !draining_ && !vacant_.empty() && dialing_ < waiters_.size();
  }

  /// How long one may be idle for the server's sake, beside pool_limits::idle_time_max; nothing: as
  /// long as it likes. True when it was another limit.
  bool set_server_idle_max(std::optional<duration> limit) {
    const std::scoped_lock held(lock_);
    return std::exchange(server_idle_max_, limit) != limit;
  }

  /// What is there now is worn out, if `is_meant` says so of it: leased connections are closed as
  /// they return. Returns the idle ones, to be closed.
  [[nodiscard]] std::vector<pooled_ptr> wear_out(
      const std::function<bool(const pooled&)>& is_meant);

  /// From now on: no new leases, no waiters, returned connections are closed. Returns the idle
  /// ones, to be closed. Waiters stay until they withdraw.
  [[nodiscard]] std::vector<pooled_ptr> drain();

  [[nodiscard]] std::vector<lease_record> leases() const;
  /// All of what follows at one moment.
  [[nodiscard]] pool_metrics metrics() const;
  [[nodiscard]] pool_counts counts() const { return metrics().counts; }
  [[nodiscard]] std::uint32_t idle() const { return metrics().idle; }
  [[nodiscard]] std::uint32_t leased() const { return metrics().leased; }
  /// Those that callers have.
  [[nodiscard]] std::uint32_t in_use() const {
    const std::scoped_lock held(lock_);
    return leased_ - checking_;
  }
  /// Of this moment only: it takes no lock.
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] bool is_draining() const {
    const std::scoped_lock held(lock_);
    return draining_;
  }
  /// Connections of any state, dials under way included.
  [[nodiscard]] std::uint32_t connections() const { return metrics().connections; }

 private:
  static constexpr auto none = idle_list::none;
  static constexpr std::uint32_t checks_at_once = 4;

  struct slot {
    slot_word word;
    pooled_ptr what;
    std::uint64_t uses = 0;
    time_point ends;        ///< time_point::max() when it has no lifetime.
    time_point checked_at;  ///< Was found to be well while it was idle.
    time_point leased_at;
    std::source_location where;
    std::shared_ptr<const call_stack> stack;
  };

  struct grant {
    std::shared_ptr<waiter> to;
    granted_lease lease;
  };

  // All of these with the lock held.
  void push_idle(std::uint32_t at, time_point since);
  /// Fills `lease` where it is to stay: moving one on at once would wait for its own stores.
  void begin_lease(std::uint32_t at, time_point now, std::source_location where,
                   std::shared_ptr<const call_stack> stack, granted_lease& lease);
  std::shared_ptr<waiter> pop_waiter();
  std::optional<grant> grant_to_first(std::uint32_t at, time_point now);
  pooled_ptr make_vacant(std::uint32_t at);
  pooled_ptr take_out(std::uint32_t at);
  void start_life(slot& s, time_point now);
  enum class how_used : std::uint8_t { leased, checked };
  returned end_lease(lease_id lease, how_used use, bool is_fine, time_point now);
  /// Of a connection that may be kept: with a grant, idle since then, or closed.
  returned keep(std::uint32_t at, time_point since, time_point now, std::optional<grant>& granted);
  /// How many dials are wanted in all, those under way included.
  [[nodiscard]] std::size_t dials_wanted() const;
  /// When an idle one goes because it was idle for too long. `is_spare`: there are more than have
  /// to be kept.
  [[nodiscard]] time_point idle_expiry(std::uint32_t at, bool is_spare) const;
  [[nodiscard]] bool is_worn_out(const slot& s, time_point now) const {
    return now >= s.ends || (limits_.requests_max > 0 && s.uses >= limits_.requests_max);
  }

  const pool_limits limits_;
  capacity& shared_;
  std::optional<duration> server_idle_max_;  // guarded by lock_

  mutable std::mutex lock_;
  std::vector<slot> slots_;
  std::vector<std::uint32_t> vacant_;
  idle_list idle_;
  lifetimes lifetimes_;
  std::uint32_t leased_ = 0;
  std::uint32_t dialing_ = 0;
  std::uint32_t prewarm_ = 0;
  std::uint32_t checking_ = 0;  // of the leased ones, those that are idle but for a check
  std::list<std::shared_ptr<waiter>> waiters_;
  std::atomic<std::size_t> waiting_{0};  // of them; written with the lock held
  bool draining_ = false;
  pool_counts counts_;
};

}  // namespace waitstate::client
