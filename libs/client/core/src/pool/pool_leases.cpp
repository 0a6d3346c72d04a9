// What a pool does for whoever wants a connection, and takes it back.
#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tell.h"
#include "waitstate/base/text.h"
#include "waitstate/client/core/pool.h"
#include "waitstate/client/internal/answer.h"

namespace waitstate::client {
namespace {

std::string text(duration d) {
  return elapsed(std::chrono::duration_cast<std::chrono::milliseconds>(d));
}

constexpr int useless_max = 3;  // new connections that one caller finds dead before it gives up

/// Takes a waiter out of the queue however its coroutine ends.
class queued {
 public:
  queued(pool_core& core, std::shared_ptr<pool_core::waiter> w) : core_(core), w_(std::move(w)) {}
  queued(const queued&) = delete;
  queued& operator=(const queued&) = delete;
  ~queued() { leave(); }

  /// False when the answer is given already, or is being given on another thread.
  bool leave() { return core_.withdraw(w_); }

 private:
  pool_core& core_;
  const std::shared_ptr<pool_core::waiter> w_;
};

}  // namespace

bool pool::is_clean(const lease& granted) {
  auto& what = *granted;
  if (what.has_peer_closed() || what.is_shut_down()) return false;
  // A TLS server sends session tickets unasked on a new connection.
  if (what.is_tls() && !granted.is_reused()) return true;
  const auto pending = what.peek();
  if (pending == connection::pending::bytes) what.count_unasked();
  return pending == connection::pending::nothing;
}

task<lease> pool::acquire(acquire_options options) {
  // Here and not in the coroutine, which may begin on another thread.
  if (!options.stack) options.stack = stacks_.next();
  return acquire_for(shared_from_this(), std::move(options));
}

lease pool::take_idle(const acquire_options& options) {
  while (auto idle = core_.try_acquire(clock::now(), options.where, options.stack)) {
    lease taken(shared_from_this(), *std::move(idle));
    // Bytes that nobody asked for, or an end that the watcher has not seen yet.
    if (!is_clean(taken)) continue;
    if (failures_in_a_row_ > 0) failures_in_a_row_ = 0;
    return taken;
  }
  return {};
}

task<lease> pool::acquire_for(std::shared_ptr<pool> self, acquire_options options) {
  const auto began = clock::now();
  for (int useless = 0; useless < useless_max;) {
    if (auto idle = take_idle(options)) co_return idle;

    const auto granted = std::make_shared<answer<lease>>(co_await asio::this_coro::executor);
    const auto waiter = std::make_shared<pool_core::waiter>();
    waiter->where = options.where;
    waiter->stack = options.stack;
    waiter->granted = [self, granted](granted_lease given) {
      granted->give(given.what ? lease(self, std::move(given)) : lease());
    };
    queued place(core_, waiter);
    const auto first = core_.acquire(clock::now(), waiter);
    if (first.what == pool_core::outcome::refused) co_return failure(why_refused());
    std::optional<lease> got;
    if (first.what == pool_core::outcome::leased) {
      got = lease(self, first.lease);
    } else {
      start_dials();
      got = co_await answer<lease>::take(granted, options.deadline);
      if (!got && !place.leave()) {
        got = co_await answer<lease>::take(granted, time_point::max());
      }
    }
    if (!got || !*got) break;
    if (!is_clean(*got)) {
      // A server that accepts and hangs up, or speaks first: dialing it again at once, as often as
      // the deadline allows, would be a storm of connections.
      if (!got->is_reused() && ++useless == useless_max) new_ones_are_useless();
      continue;
    }
    if (failures_in_a_row_ > 0) failures_in_a_row_ = 0;
    co_return *std::move(got);
  }
  start_dials();
  co_return failure(
      {.code = errc::unavailable, .what = why_no_connection(clock::now() - began), .hint = {}});
}

error pool::why_refused() const {
  return {.code = errc::unavailable,
          .what = fmt::format("pool '{}': refused: {} wait already, or it is closing",
                              to_string(to_), core_.waiting()),
          .hint = {}};
}

std::string pool::why_no_connection(duration waited) const {
  std::string last;
  {
    const std::scoped_lock held(lock_);
    if (last_failure_) last = fmt::format(", last failure: {}", last_failure_->what);
  }
  return fmt::format("pool '{}': no connection within {}: {} of {} in use, {} wait{}",
                     to_string(to_), text(std::chrono::ceil<std::chrono::milliseconds>(waited)),
                     core_.leased(), settings_.limits.connections_max, core_.waiting(), last);
}

void pool::give_back(lease_id id, const connection_ptr& what, bool reusable) {
  what->set_deadline(time_point::max());
  bool clean = reusable && !what->is_shut_down() && !what->has_peer_closed();
  // It would go straight to the first waiter.
  if (clean && core_.waiting() > 0) clean = !what->is_dirty();
  const auto how = core_.give_back(id, clean, clock::now());
  if (how == pool_core::returned::kept) {
    close_if_dead(what);
  } else {
    close(what, close_how::orderly);
  }
  if (how != pool_core::returned::kept || core_.waiting() > 0) start_dials();
  if (settings_.leak_report_after.count() == 0) return;

  {
    const std::scoped_lock held(lock_);
    const auto reported = std::ranges::find(reported_, id);
    if (reported == reported_.end()) return;
    reported_.erase(reported);
  }
  tell(settings_.events.came_back,
       ledger_entry{.id = id, .to = to_, .out_for = {}, .last_byte_ago = {}, .where = {}});
}

}  // namespace waitstate::client
