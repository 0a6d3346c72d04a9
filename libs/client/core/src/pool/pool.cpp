#include "waitstate/client/core/pool.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "pool/ledger_entry.h"
#include "tell.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr duration tick = 20ms;           // how exactly deadlines of operations are kept
constexpr int ticks_between_rounds = 10;  // how often leases are looked at

constexpr std::size_t reported_max = 4096;  // leases reported as leaked and not back yet

bool is_any_deadline_ahead(const pool_core& core) {
  return std::ranges::any_of(core.leases(), [](const lease_record& record) {
    const auto& what = static_cast<const connection&>(*record.what);
    return !what.is_shut_down() && what.deadline() != time_point::max();
  });
}

}  // namespace

result<std::shared_ptr<pool>> pool::make(asio::any_io_executor executor, endpoint to,
                                         pool_settings settings, capacity& shared) {
  // Shares nothing: the caller keeps it.
  return make(std::move(executor), std::move(to), std::move(settings),
              std::shared_ptr<capacity>(std::shared_ptr<capacity>(), &shared));
}

result<std::shared_ptr<pool>> pool::make(asio::any_io_executor executor, endpoint to,
                                         pool_settings settings, std::shared_ptr<capacity> shared) {
  if (settings.limits.connections_max == 0 || settings.limits.connections_max > 65'536) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("pool '{}': connections_max is {}, it must be 1 to 65,536",
                                        to_string(to), settings.limits.connections_max),
                    .hint = {}});
  }
  std::shared_ptr<pool> made(
      new pool(std::move(executor), std::move(to), std::move(settings), std::move(shared)));
  const std::weak_ptr weak(made);
  auto watching = watcher::make(
      made->executor_,
      [weak](const auto& closed) {
        if (const auto self = weak.lock()) self->on_peer_closed(closed);
      },
      [weak](const auto& spoken_to) {
        if (const auto self = weak.lock()) self->on_bytes(spoken_to);
      });
  if (!watching) return failure(std::move(watching).error());
  made->watcher_ = *std::move(watching);
  return made;
}

pool::pool(asio::any_io_executor executor, endpoint to, pool_settings settings,
           std::shared_ptr<capacity> shared)
    : executor_(std::move(executor)),
      to_(std::move(to)),
      settings_(std::move(settings)),
      shared_(std::move(shared)),
      core_(settings_.limits, *shared_),
      turn_(asio::make_strand(executor_)),
      redial_timer_(std::make_shared<asio::steady_timer>(turn_)),
      stacks_(settings_.stack_every) {}

void pool::on_peer_closed(const connection_ptr& closed) {
  const auto taken = core_.take_idle(*closed);
  if (!taken.what) return;
  close(taken.what, close_how::orderly);
  const auto now = clock::now();
  const std::scoped_lock held(lock_);
  idle_budget_.peer_closed(now - taken.idle_since, now);
  apply_idle_limit(now);
}

void pool::on_bytes(const connection_ptr& spoken_to) {
  // One that is leased meanwhile, or came back just now, got an answer. If it stays idle it is
  // looked at again.
  const bool was_idle = std::ranges::any_of(
      core_.idle_since_before(clock::now() - tick),
      [&](const pool_core::idle_record& idle) { return idle.what == spoken_to; });
  if (!was_idle) {
    watcher_->watch_for_bytes(*spoken_to, false);
  } else if (const auto taken = core_.take_idle(*spoken_to); taken.what) {
    spoken_to->count_unasked();
    close(taken.what, close_how::orderly);
  }
}

void pool::watch_the_idle(time_point now) {
  for (const auto& idle : core_.idle_since_before(now - tick)) {
    auto& what = static_cast<connection&>(*idle.what);
    // A TLS server sends session tickets unasked on a new connection.
    if (idle.used || !what.is_tls()) watcher_->watch_for_bytes(what, true);
  }
}

/// The peer's end may have come while the connection was neither leased nor idle.
void pool::close_if_dead(const connection_ptr& idle) {
  if (idle->has_peer_closed()) on_peer_closed(idle);
  shared_->offer();
}

void pool::apply_idle_limit(time_point now) {
  const auto configured = settings_.limits.idle_time_max;
  const auto learned = idle_budget_.limit(now);
  const bool is_less = learned && (configured.count() == 0 || *learned < configured);
  core_.set_idle_time_max(is_less ? *learned : configured);
}

void pool::learn_idle_limit(duration limit) {
  const std::scoped_lock held(lock_);
  idle_budget_.stated(limit);
  apply_idle_limit(clock::now());
}

std::optional<duration> pool::idle_limit_learned() const {
  const std::scoped_lock held(lock_);
  return idle_budget_.limit(clock::now());
}

bool pool::evict_oldest_idle() {
  const auto oldest = core_.take_oldest_idle();
  if (oldest) close(oldest, settings_.expire_with);
  return oldest != nullptr;
}

void pool::close(const pooled_ptr& what, close_how how) {
  auto& ended = static_cast<connection&>(*what);
  watcher_->remove(ended);
  ended.close_with(how);
}

asio::awaitable<void> pool::run() {
  // What is spawned may begin only after everybody else has let go.
  return [](std::shared_ptr<pool> self) -> asio::awaitable<void> {
    self->watcher_->start();
    asio::steady_timer timer(self->executor_);
    // stop() ends no operation that is under way, and so not its deadline either.
    for (int turn = 1; !self->stopped_ || is_any_deadline_ahead(self->core_); ++turn) {
      timer.expires_after(tick);
      co_await timer.async_wait(as_value);
      const auto now = clock::now();
      self->end_overdue_operations(now);
      if (turn % ticks_between_rounds == 0 && !self->stopped_) self->keep_house(now);
    }
  }(shared_from_this());
}

void pool::keep_house(time_point now) {
  {
    const std::scoped_lock held(lock_);
    apply_idle_limit(now);
  }
  for (const auto& expired : core_.take_expired(now)) close(expired, settings_.expire_with);
  watch_the_idle(now);
  look_for_leaks(now);
  start_dials();
}

void pool::stop() {
  stopped_ = true;
  drain();
  watcher_->stop();
  asio::post(turn_, [timer = redial_timer_] { timer->cancel(); });
}

void pool::end_overdue_operations(time_point now) {
  for (const auto& record : core_.leases()) {
    static_cast<connection&>(*record.what).end_if_overdue(now);
  }
}

void pool::look_for_leaks(time_point now) {
  const auto records = core_.leases();
  const auto limit = static_cast<double>(settings_.limits.connections_max);
  const double pressure = core_.waiting() > 0 ? 1 : static_cast<double>(records.size()) / limit;
  for (const auto& record : records) {
    const auto entry = entry_of(to_, record, now);
    const auto& what = static_cast<const connection&>(*record.what);
    const auto why = decide_reclaim({.leased_at = record.leased_at,
                                     .last_byte = what.last_byte(),
                                     // Either way nothing can come any more.
                                     .peer_closed = what.has_peer_closed() || what.is_shut_down()},
                                    settings_.reclaim, pressure, now);
    const bool overdue =
        settings_.leak_report_after.count() > 0 && entry.out_for >= settings_.leak_report_after;
    if (overdue && is_first_report(record.id)) tell(settings_.events.leaked, entry);
    if (why != reclaim_reason::none) reclaim(record.id, why);
  }
}

bool pool::is_first_report(lease_id id) {
  const std::scoped_lock held(lock_);
  if (std::ranges::find(reported_, id) != reported_.end()) return false;
  if (reported_.size() >= reported_max) reported_.erase(reported_.begin());
  reported_.push_back(id);
  return true;
}

std::vector<ledger_entry> pool::leases() const {
  const auto now = clock::now();
  std::vector<ledger_entry> entries;
  for (const auto& record : core_.leases()) entries.push_back(entry_of(to_, record, now));
  return entries;
}

bool pool::reclaim(lease_id id) {
  return reclaim(id, reclaim_reason::ordered);
}

bool pool::reclaim(lease_id id, reclaim_reason why) {
  std::optional<ledger_entry> entry;
  if (settings_.events.reclaimed) {
    const auto now = clock::now();
    for (const auto& record : core_.leases()) {
      if (record.id == id) entry = entry_of(to_, record, now);
    }
  }
  const auto taken = core_.reclaim(id);
  if (!taken) return false;
  auto& what = static_cast<connection&>(*taken);
  watcher_->remove(what);
  what.shut_down(fmt::format("reclaimed: {}", to_string(why)));
  start_dials();
  if (entry) tell(settings_.events.reclaimed, *entry, why);
  return true;
}

void pool::rebuild() {
  for (const auto& idle : core_.wear_out()) close(idle, close_how::orderly);
}

void pool::drain() {
  for (const auto& idle : core_.drain()) close(idle, close_how::orderly);
  while (const auto waiting = core_.take_waiter()) waiting->granted({});
}

void pool::prewarm(std::uint32_t connections) {
  core_.prewarm(connections);
  start_dials();
}

}  // namespace waitstate::client
