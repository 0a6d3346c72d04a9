#include "waitstate/client/pool.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "waitstate/base/text.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr duration tick = 20ms;           // how exactly deadlines of operations are kept
constexpr int ticks_between_rounds = 10;  // how often leases are looked at

std::string text(duration d) {
  return elapsed(std::chrono::duration_cast<std::chrono::milliseconds>(d));
}

/// A caller that waits for a lease on its own executor; the grant may come from any thread.
struct waiting_caller {
  explicit waiting_caller(const asio::any_io_executor& executor)
      : strand(asio::make_strand(executor)), timer(strand) {}

  asio::strand<asio::any_io_executor> strand;
  asio::steady_timer timer;
  std::mutex lock;
  bool answered = false;
  granted_lease granted;
};

ledger_entry entry_of(const endpoint& to, const lease_record& record, time_point now) {
  const auto& what = static_cast<const connection&>(*record.what);
  return {.id = record.id,
          .to = to,
          .out_for = now - record.leased_at,
          .last_byte_ago = now - std::max(what.last_byte(), record.leased_at),
          .peer_closed = what.has_peer_closed(),
          .where = record.where};
}

}  // namespace

// lease

lease::lease(std::shared_ptr<pool> from, granted_lease granted)
    : from_(std::move(from)),
      id_(granted.id),
      what_(std::static_pointer_cast<connection>(std::move(granted.what))),
      reused_(granted.reused) {}

lease::~lease() {
  give_back();
}

lease::lease(lease&& other) noexcept
    : from_(std::move(other.from_)),
      id_(other.id_),
      what_(std::move(other.what_)),
      reusable_(other.reusable_),
      reused_(other.reused_) {}

lease& lease::operator=(lease&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  from_ = std::move(other.from_);
  id_ = other.id_;
  what_ = std::move(other.what_);
  reusable_ = other.reusable_;
  reused_ = other.reused_;
  return *this;
}

bool lease::is_reclaimed() const {
  return from_ && !from_->core_.is_current(id_);
}

void lease::give_back() {
  if (!what_) return;
  from_->give_back(id_, what_, reusable_);
  what_.reset();
  from_.reset();
}

std::string to_string(const ledger_entry& e) {
  return fmt::format("{} lease {}/{} out for {}, last byte {} ago{}: {}:{} {}", to_string(e.to),
                     e.id.slot, e.id.generation, text(e.out_for), text(e.last_byte_ago),
                     e.peer_closed ? ", the peer has closed" : "", e.where.file_name(),
                     e.where.line(), e.where.function_name());
}

// pool

result<std::shared_ptr<pool>> pool::make(asio::any_io_executor executor, endpoint to,
                                         pool_settings settings, capacity& shared) {
  if (settings.limits.connections_max == 0 || settings.limits.connections_max > 65'536) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("pool '{}': connections_max is {}, it must be 1 to 65,536",
                                        to_string(to), settings.limits.connections_max),
                    .hint = {}});
  }
  std::shared_ptr<pool> made(
      new pool(std::move(executor), std::move(to), std::move(settings), shared));
  auto watching = watcher::make(made->executor_, [weak = std::weak_ptr(made)](const auto& closed) {
    if (const auto self = weak.lock()) self->on_peer_closed(closed);
  });
  if (!watching) return failure(std::move(watching).error());
  made->watcher_ = *std::move(watching);
  return made;
}

pool::pool(asio::any_io_executor executor, endpoint to, pool_settings settings, capacity& shared)
    : executor_(std::move(executor)),
      to_(std::move(to)),
      settings_(std::move(settings)),
      core_(settings_.limits, shared) {}

task<lease> pool::acquire(acquire_options options) {
  const auto self = shared_from_this();
  const auto began = clock::now();
  while (auto idle = core_.try_acquire(clock::now(), options.where)) {
    lease taken(self, *std::move(idle));
    // Bytes that nobody asked for, or an end that the watcher has not seen yet.
    if (!taken->has_peer_closed() && !taken->is_dirty()) co_return taken;
  }

  auto caller = std::make_shared<waiting_caller>(co_await asio::this_coro::executor);
  caller->timer.expires_at(options.deadline);
  const auto waiter = std::make_shared<pool_core::waiter>();
  waiter->where = options.where;
  waiter->granted = [caller](granted_lease granted) {
    {
      const std::scoped_lock held(caller->lock);
      caller->granted = std::move(granted);
      caller->answered = true;
    }
    asio::post(caller->strand, [caller] { caller->timer.cancel(); });
  };
  const auto first = core_.acquire(clock::now(), waiter);
  if (first.what == pool_core::outcome::leased) co_return lease(self, first.lease);
  if (first.what == pool_core::outcome::refused) {
    co_return failure({.code = errc::unavailable,
                       .what = fmt::format("pool '{}': refused: {} wait already, or it is closing",
                                           to_string(to_), core_.waiting()),
                       .hint = {}});
  }
  start_dials();
  co_await caller->timer.async_wait(as_value);
  const bool withdrawn = core_.withdraw(waiter);
  if (!withdrawn) {
    // The answer is given, or is being given on another thread right now.
    for (;;) {
      {
        const std::scoped_lock held(caller->lock);
        if (caller->answered) break;
      }
      co_await asio::post(caller->strand, asio::use_awaitable);
    }
    if (caller->granted.what) co_return lease(self, std::move(caller->granted));
  }
  start_dials();
  co_return failure(
      {.code = errc::unavailable, .what = why_no_connection(clock::now() - began), .hint = {}});
}

std::string pool::why_no_connection(duration waited) const {
  std::string last;
  {
    const std::scoped_lock held(lock_);
    if (last_failure_) last = fmt::format(", last failure: {}", last_failure_->what);
  }
  return fmt::format("pool '{}': no connection within {}: {} of {} in use, {} wait{}",
                     to_string(to_), text(waited), core_.leased(), settings_.limits.connections_max,
                     core_.waiting(), last);
}

void pool::give_back(lease_id id, const connection_ptr& what, bool reusable) {
  const auto now = clock::now();
  what->set_deadline(time_point::max());
  const bool clean = reusable && !what->is_shut_down() && !what->has_peer_closed();
  const auto how = core_.give_back(id, clean, now);
  if (how != pool_core::returned::kept) close(what, close_how::orderly);
  if (how != pool_core::returned::kept || core_.waiting() > 0) start_dials();
  if (settings_.leak_report_after.count() == 0) return;

  const std::scoped_lock held(lock_);
  const auto reported = std::ranges::find(reported_, id);
  if (reported == reported_.end()) return;
  reported_.erase(reported);
  if (settings_.events.came_back) {
    settings_.events.came_back(
        {.id = id, .to = to_, .out_for = {}, .last_byte_ago = {}, .where = {}});
  }
}

void pool::start_dials() {
  if (clock::now().time_since_epoch().count() < no_dial_before_) return;
  while (const auto slot = core_.next_dial()) {
    asio::co_spawn(executor_, make_connection(shared_from_this(), *slot), asio::detached);
  }
}

asio::awaitable<void> pool::make_connection(std::shared_ptr<pool> self, std::uint32_t slot) {
  const auto deadline = clock::now() + self->settings_.dial.connect_time_max;
  auto made =
      co_await dial(self->executor_, self->to_, self->settings_.dial, self->dials_++, deadline);
  if (made && self->settings_.prepare) {
    (*made)->set_deadline(deadline);
    auto greeted = co_await self->settings_.prepare(*made, deadline);
    (*made)->set_deadline(time_point::max());
    if (!greeted) made = failure(std::move(greeted).error());
  }
  if (made) {
    if (auto watched = self->watcher_->add(*made); !watched) made = failure(watched.error());
  }
  if (!made) {
    self->dial_failed(slot, std::move(made).error());
    co_return;
  }
  self->failures_in_a_row_ = 0;
  if (const auto unwanted = self->core_.dialed(slot, *made, clock::now())) {
    self->close(unwanted, close_how::orderly);
  }
  self->start_dials();
}

duration pool::redial_pause() const {
  const auto doublings = std::min(failures_in_a_row_.load(), 20U);
  if (doublings == 0) return duration{0};
  return std::min(settings_.redial_first * (duration::rep{1} << (doublings - 1)),
                  settings_.redial_max);
}

void pool::dial_failed(std::uint32_t slot, error why) {
  ++failures_in_a_row_;
  {
    const std::scoped_lock held(lock_);
    last_failure_ = why;
  }
  if (settings_.events.dial_failed) settings_.events.dial_failed(why);
  core_.dialed(slot, nullptr, clock::now());
  // With nothing out that could come back, waiting is in vain.
  if (core_.leased() == 0) {
    if (const auto first = core_.take_waiter()) first->granted({});
  }
  const auto pause = redial_pause();
  no_dial_before_ = (clock::now() + pause).time_since_epoch().count();
  asio::co_spawn(executor_, redial_after(shared_from_this(), pause), asio::detached);
}

asio::awaitable<void> pool::redial_after(std::shared_ptr<pool> self, duration pause) {
  asio::steady_timer timer(self->executor_, pause);
  co_await timer.async_wait(as_value);
  self->start_dials();
}

void pool::on_peer_closed(const connection_ptr& closed) {
  if (const auto idle = core_.take_idle(*closed)) close(idle, close_how::orderly);
}

void pool::close(const pooled_ptr& what, close_how how) {
  auto& ended = static_cast<connection&>(*what);
  watcher_->remove(ended);
  ended.close_with(how);
}

asio::awaitable<void> pool::run() {
  const auto self = shared_from_this();
  asio::co_spawn(executor_, watcher_->run(), asio::detached);
  asio::steady_timer timer(executor_);
  for (int turn = 1; !stopped_; ++turn) {
    timer.expires_after(tick);
    co_await timer.async_wait(as_value);
    const auto now = clock::now();
    end_overdue_operations(now);
    if (turn % ticks_between_rounds != 0) continue;
    for (const auto& expired : core_.take_expired(now)) close(expired, close_how::reset);
    look_for_leaks(now);
    start_dials();
  }
}

void pool::stop() {
  stopped_ = true;
  drain();
  watcher_->stop();
}

void pool::end_overdue_operations(time_point now) {
  for (const auto& record : core_.leases()) {
    auto& what = static_cast<connection&>(*record.what);
    if (now >= what.deadline()) what.shut_down("the deadline passed");
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
                                     .peer_closed = what.has_peer_closed()},
                                    settings_.reclaim, pressure, now);
    const bool overdue =
        settings_.leak_report_after.count() > 0 && entry.out_for >= settings_.leak_report_after;
    if (overdue) {
      const std::scoped_lock held(lock_);
      if (std::ranges::find(reported_, record.id) == reported_.end()) {
        reported_.push_back(record.id);
        if (settings_.events.leaked) settings_.events.leaked(entry);
      }
    }
    if (why != reclaim_reason::none) reclaim(record.id, why);
  }
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
  if (entry) settings_.events.reclaimed(*entry, why);
  start_dials();
  return true;
}

void pool::rebuild() {
  for (const auto& idle : core_.wear_out()) close(idle, close_how::orderly);
}

void pool::drain() {
  for (const auto& idle : core_.drain()) close(idle, close_how::orderly);
}

void pool::prewarm(std::uint32_t connections) {
  core_.prewarm(connections);
  start_dials();
}

}  // namespace waitstate::client
