#include "pool/pool_housekeeping.h"

#include <algorithm>
#include <cstddef>
#include <source_location>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>

#include "net/per_executor.h"
#include "notify.h"
#include "pool/ledger_entry.h"

namespace waitstate::client {
namespace {

constexpr std::size_t reported_max = 4096;  // leases reported as leaked and not back yet

/// One that is idle for less may be about to be leased again: it is not asked to be looked at for
/// bytes, which costs a system call.
constexpr duration idle_for_good = std::chrono::milliseconds(20);

}  // namespace

pool_housekeeping::pool_housekeeping(pool_shared& shared, pool_dials& dials)
    : shared_(shared), dials_(dials) {}

result<> pool_housekeeping::wire(const std::weak_ptr<void>& owner) {
  owner_ = owner;
  auto timer = per_executor<shared_timer>::of(shared_.executor);
  if (!timer) return failure(std::move(timer).error());
  rounds_ = (*timer)->make_reminder([this, owner, on = shared_.executor](time_point now) {
    // The timer's executor may be another one of the same context.
    asio::dispatch(on, [this, owner, now] {
      if (const auto alive = owner.lock()) keep_house(now);
    });
  });
  return {};
}

void pool_housekeeping::start() {
  is_running_ = true;
  look_soon(clock::now());
}

void pool_housekeeping::stop() {
  is_running_ = false;
  rounds_->forget();
}

void pool_housekeeping::keep_house(time_point now) {
  if (!is_running_) return;
  {
    const std::scoped_lock held(lock_);
    apply_idle_limit(now);
  }
  const auto& how = shared_.settings.expire_with;
  for (const auto& expired : shared_.core.take_expired(now)) shared_.close(expired, how);
  watch_the_idle(now);
  check_the_idle(now);
  look_for_leaks(now);
  dials_.start();
  if (const auto next = next_round(now); next != time_point::max()) {
    rounds_->remind_by(rounded_up(next, round));
  }
}

time_point pool_housekeeping::next_round(time_point now) const {
  const auto& core = shared_.core;
  if (core.leased() > 0 || core.wants_dial()) return now + round / 2;
  // Those that were idle for too short a time to be watched yet.
  if (core.newest_idle_since() >= now - idle_for_good) return now + round / 2;
  const auto& settings = shared_.settings;
  const bool are_checked = settings.ping && settings.ping_every.count() > 0;
  const auto next_check = are_checked ? core.next_check(settings.ping_every) : time_point::max();
  return std::min(core.next_expiry(), next_check);
}

void pool_housekeeping::peer_closed(const connection_ptr& closed) {
  const auto taken = shared_.core.take_idle(*closed);
  if (!taken.what) return;
  shared_.close(taken.what, close_how::orderly);
  const auto now = clock::now();
  const std::scoped_lock held(lock_);
  idle_budget_.peer_closed(now - taken.idle_since, now);
  apply_idle_limit(now);
  if (shared_.core.wants_dial()) look_soon(now);
}

void pool_housekeeping::check_the_idle(time_point now) {
  const auto& settings = shared_.settings;
  if (!settings.ping || settings.ping_every.count() <= 0) return;
  const auto owner = owner_.lock();
  if (!owner) return;
  const auto before = now - settings.ping_every;
  while (auto taken = shared_.core.take_unchecked(before, now, std::source_location::current())) {
    asio::co_spawn(shared_.executor, check_in_turn(owner, *std::move(taken)), asio::detached);
  }
}

asio::awaitable<void> pool_housekeeping::check_in_turn(std::shared_ptr<void> owner,
                                                       granted_lease first) {
  std::optional<granted_lease> taken = std::move(first);
  while (taken) {
    co_await check(*std::exchange(taken, std::nullopt));
    const auto now = clock::now();
    if (!is_running_) break;
    taken = shared_.core.take_unchecked(now - shared_.settings.ping_every, now,
                                        std::source_location::current());
  }
  owner.reset();
}

asio::awaitable<void> pool_housekeeping::check(granted_lease taken) {
  const auto what = std::static_pointer_cast<connection>(taken.what);
  const auto& settings = shared_.settings;
  const auto deadline = clock::now() + settings.ping_time_max;
  what->set_deadline(deadline);
  result<> well;
  try {
    well = co_await settings.ping(what, deadline);
  } catch (...) {
    well = failure(thrown());
  }
  what->set_deadline(time_point::max());
  const bool is_well =
      well && !what->is_shut_down() && !what->has_peer_closed() && !what->is_dirty();
  const auto how = shared_.core.give_back_checked(taken.id, is_well, clock::now());
  if (how == pool_core::returned::kept) {
    close_if_dead(what);
  } else {
    shared_.close(what, close_how::orderly);
  }
  dials_.start();
  look_soon(clock::now());
}

void pool_housekeeping::bytes_came(const connection_ptr& spoken_to) {
  // One that is leased meanwhile, or came back just now, got an answer. If it stays idle it is
  // looked at again.
  const auto now = clock::now();
  const bool was_idle = std::ranges::any_of(
      shared_.core.idle_since_before(now - idle_for_good),
      [&](const pool_core::idle_record& idle) { return idle.what == spoken_to; });
  if (!was_idle) {
    shared_.watching->watch_for_bytes(*spoken_to, false);
    look_soon(now);
  } else if (const auto taken = shared_.core.take_idle(*spoken_to); taken.what) {
    spoken_to->count_unasked();
    shared_.close(taken.what, close_how::orderly);
  }
}

void pool_housekeeping::watch_the_idle(time_point now) {
  for (const auto& idle : shared_.core.idle_since_before(now - idle_for_good)) {
    auto& what = static_cast<connection&>(*idle.what);
    // A TLS server sends session tickets unasked on a new connection.
    if (idle.used || !what.is_tls()) shared_.watching->watch_for_bytes(what, true);
  }
}

void pool_housekeeping::close_if_dead(const connection_ptr& idle) {
  if (idle->has_peer_closed()) peer_closed(idle);
  shared_.room->offer();
}

void pool_housekeeping::apply_idle_limit(time_point now) {
  if (shared_.core.set_server_idle_max(idle_budget_.limit(now))) look_soon(now);
}

void pool_housekeeping::learn_idle_limit(duration limit) {
  const std::scoped_lock held(lock_);
  idle_budget_.stated(limit);
  apply_idle_limit(clock::now());
}

std::optional<duration> pool_housekeeping::idle_limit_learned() const {
  const std::scoped_lock held(lock_);
  return idle_budget_.limit(clock::now());
}

bool pool_housekeeping::evict_oldest_idle() {
  const auto oldest = shared_.core.take_oldest_idle();
  if (oldest) shared_.close(oldest, shared_.settings.expire_with);
  return oldest != nullptr;
}

void pool_housekeeping::rebuild() {
  const auto all = [](const pooled&) { return true; };
  const auto how = shared_.settings.expire_with;
  for (const auto& idle : shared_.core.wear_out(all)) shared_.close(idle, how);
}

void pool_housekeeping::reach_at(const std::vector<endpoint>& addresses) {
  std::vector<socket_address> numeric;
  numeric.reserve(addresses.size());
  for (const auto& one : addresses) {
    if (auto at = address_of(one)) numeric.push_back(*std::move(at));
  }
  if (!shared_.addresses->use(std::move(numeric))) return;
  const auto is_elsewhere = [this](const pooled& what) {
    return !shared_.addresses->has(static_cast<const connection&>(what).address());
  };
  const auto how = shared_.settings.expire_with;
  for (const auto& idle : shared_.core.wear_out(is_elsewhere)) shared_.close(idle, how);
}

void pool_housekeeping::look_for_leaks(time_point now) {
  const auto& settings = shared_.settings;
  const auto records = shared_.core.leases();
  const auto limit = static_cast<double>(settings.limits.connections_max);
  const double pressure =
      shared_.core.waiting() > 0 ? 1 : static_cast<double>(records.size()) / limit;
  for (const auto& record : records) {
    const auto entry = entry_of(shared_.to, record, now);
    const auto& what = static_cast<const connection&>(*record.what);
    const auto why = decide_reclaim({.leased_at = record.leased_at,
                                     .last_byte = what.last_byte(),
                                     // Either way nothing can come any more.
                                     .peer_closed = what.has_peer_closed() || what.is_shut_down()},
                                    settings.reclaim, pressure, now);
    const bool overdue =
        settings.leak_report_after.count() > 0 && entry.out_for >= settings.leak_report_after;
    if (overdue && is_first_report(record.id)) notify(settings.events.leaked, entry);
    if (why != reclaim_reason::none) reclaim(record.id, why);
  }
}

bool pool_housekeeping::is_first_report(lease_id id) {
  const std::scoped_lock held(lock_);
  if (std::ranges::find(reported_, id) != reported_.end()) return false;
  if (reported_.size() >= reported_max) reported_.erase(reported_.begin());
  reported_.push_back(id);
  return true;
}

bool pool_housekeeping::reclaim(lease_id id, reclaim_reason why) {
  std::optional<ledger_entry> entry;
  if (shared_.settings.events.reclaimed) {
    const auto now = clock::now();
    for (const auto& record : shared_.core.leases()) {
      if (record.id == id) entry = entry_of(shared_.to, record, now);
    }
  }
  const auto taken = shared_.core.reclaim(id);
  if (!taken) return false;
  auto& what = static_cast<connection&>(*taken);
  shared_.watching->remove(what);
  what.shut_down(fmt::format("reclaimed: {}", to_string(why)));
  dials_.start();
  if (entry) notify(shared_.settings.events.reclaimed, *entry, why);
  return true;
}

void pool_housekeeping::came_back(lease_id id) {
  if (shared_.settings.leak_report_after.count() == 0) return;
  {
    const std::scoped_lock held(lock_);
    const auto reported = std::ranges::find(reported_, id);
    if (reported == reported_.end()) return;
    reported_.erase(reported);
  }
  notify(shared_.settings.events.came_back,
         ledger_entry{.id = id, .to = shared_.to, .out_for = {}, .last_byte_ago = {}, .where = {}});
}

}  // namespace waitstate::client
