#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "pool/pool_core.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/foreign_pool.h"

namespace waitstate::client {

/// What a library's callback says, if it does not throw.
template <class Question>
bool says(const Question& question) noexcept {
  try {
    return question();
  } catch (...) {
    return false;
  }
}

/// A place in the line of a foreign_pool.
struct ticket {
  std::mutex lock;
  std::condition_variable changed;
  std::optional<granted_lease> got;
  bool may_make = false;  ///< There is room to make one.

  void grant(granted_lease lease) {
    const std::scoped_lock held(lock);
    got = std::move(lease);
    changed.notify_one();
  }
  void let_make() {
    const std::scoped_lock held(lock);
    may_make = true;
    changed.notify_one();
  }
  /// Until there is a lease, room, or the time is over.
  std::optional<granted_lease> wait(time_point until) {
    std::unique_lock held(lock);
    changed.wait_until(held, until, [this] { return got || may_make; });
    may_make = false;
    return std::exchange(got, std::nullopt);
  }
};

/// What such a pool is made of: those who wait make handles themselves, and a thread keeps house.
struct foreign_pool::state {
  state(maker make, handle_pool_settings wanted)
      : makes(std::move(make)), settings(std::move(wanted)), core(settings.limits, room) {}

  result<foreign_handle_ptr> make(time_point deadline) const;
  /// Makes one for whoever is first in line.
  result<> make_for(std::uint32_t slot, time_point deadline);
  bool is_usable(const granted_lease& lease);
  void let_somebody_make();
  void close(granted_lease lease);
  error why_none(time_point began) const;
  error why_refused() const;
  result<granted_lease> wait_in_line(time_point began, time_point deadline,
                                     std::source_location where);
  std::optional<granted_lease> stand(const std::shared_ptr<pool_core::waiter>& w, ticket& place,
                                     time_point deadline, std::optional<error>& failed);

  void run(const std::stop_token& stop);
  void keep_house(time_point now);
  void close_the_dead(time_point now);
  void check_the_idle(time_point now);
  void make_the_missing(time_point now);
  void look_for_leaks(time_point now);
  bool take_back(const lease_record& record, reclaim_reason why);
  ledger_entry entry_of(const lease_record& record, time_point now) const;
  bool is_first_report(lease_id id);
  void wake();

  const maker makes;
  const handle_pool_settings settings;
  capacity room;
  pool_core core;
  std::mutex lock;
  std::list<ticket*> line;         // with lock
  std::vector<lease_id> reported;  // by the pool's thread
  time_point none_made_before{};   // by the pool's thread
  std::mutex sleeping;
  std::condition_variable_any woken;
  bool is_wanted = false;  // with sleeping
  std::jthread thread;
};

}  // namespace waitstate::client
