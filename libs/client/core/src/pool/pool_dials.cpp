// How a pool makes connections: when, prepared how, and what a failure means for those who wait.
#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tell.h"
#include "waitstate/client/core/pool.h"

namespace waitstate::client {

void pool::start_dials() {
  if (clock::now().time_since_epoch().count() < no_dial_before_) return;
  do {
    while (const auto slot = core_.next_dial()) {
      asio::co_spawn(executor_, make_connection(shared_from_this(), *slot), asio::detached);
    }
  } while (settings_.make_room && core_.wants_room() && settings_.make_room());
}

/// Answers for a dial whose coroutine ended in the middle: with an exception, or with its executor.
struct pool::dial_under_way {
  const std::shared_ptr<pool> self;
  const std::uint32_t slot;
  bool is_over = false;

  dial_under_way(std::shared_ptr<pool> p, std::uint32_t at) : self(std::move(p)), slot(at) {}
  dial_under_way(const dial_under_way&) = delete;
  dial_under_way& operator=(const dial_under_way&) = delete;
  ~dial_under_way() {
    if (!is_over) self->core_.dialed(slot, nullptr, clock::now());
  }
};

asio::awaitable<void> pool::make_connection(std::shared_ptr<pool> self, std::uint32_t slot) {
  dial_under_way dial(self, slot);
  const auto began = clock::now();
  auto made = co_await dial_and_prepare(self);
  dial.is_over = true;
  if (made) {
    self->dial_succeeded(slot, *made);
  } else {
    self->dial_failed(slot, std::move(made).error(), began);
  }
}

task<connection_ptr> pool::dial_and_prepare(std::shared_ptr<pool> self) {
  const auto deadline = clock::now() + self->settings_.dial.connect_time_max;
  auto made = co_await dial_and_greet(self, deadline);
  if (!made && made.error().code == errc::unsupported) {
    made = co_await dial_and_greet(self, deadline);
  }
  if (!made) co_return made;
  if (auto watched = self->watcher_->add(*made); !watched) co_return failure(watched.error());
  co_return made;
}

task<connection_ptr> pool::dial_and_greet(std::shared_ptr<pool> self, time_point deadline) {
  auto made =
      co_await dial(self->executor_, self->to_, self->settings_.dial, self->dials_++, deadline);
  if (!made) co_return made;
  (*made)->count_in(self->closes_);
  if (!self->settings_.prepare) co_return made;

  asio::steady_timer alarm(self->executor_, deadline);
  alarm.async_wait([weak = std::weak_ptr(*made)](const auto& code) {
    if (code) return;
    if (const auto late = weak.lock()) late->shut_down("the greeting took too long");
  });
  result<> greeted;
  try {
    greeted = co_await self->settings_.prepare(*made, deadline);
  } catch (const std::exception& e) {
    greeted = failure({.code = errc::system, .what = e.what(), .hint = {}});
  }
  if (greeted && (*made)->is_shut_down()) {
    greeted = failure({.code = errc::unavailable, .what = (*made)->why_shut_down(), .hint = {}});
  }
  if (!greeted) {
    co_return failure(in_step(fmt::format("greet {}", to_string(self->to_)), greeted.error()));
  }
  co_return made;
}

void pool::dial_succeeded(std::uint32_t slot, const connection_ptr& made) {
  tell(settings_.events.connected);
  if (const auto unwanted = core_.dialed(slot, made, clock::now())) {
    close(unwanted, close_how::orderly);
  } else {
    close_if_dead(made);
  }
  start_dials();
}

/// As after a failed dial, but for the slots and those who wait: they try for themselves.
void pool::new_ones_are_useless() {
  const error why{
      .code = errc::unavailable,
      .what = fmt::format("connect {}: it hangs up at once, or speaks first", to_string(to_)),
      .hint = {}};
  ++failures_in_a_row_;
  const auto again_at = clock::now() + redial_pause();
  no_dial_before_ = again_at.time_since_epoch().count();
  {
    const std::scoped_lock held(lock_);
    last_failure_ = why;
  }
  tell(settings_.events.dial_failed, why);
  asio::co_spawn(turn_, redial_at(weak_from_this(), redial_timer_, again_at), asio::detached);
}

duration pool::redial_pause() const {
  const auto doublings = std::min(failures_in_a_row_.load(), 20U);
  if (doublings == 0) return duration{0};
  return std::min(settings_.redial_first * (duration::rep{1} << (doublings - 1)),
                  settings_.redial_max);
}

void pool::dial_failed(std::uint32_t slot, error why, time_point began) {
  const auto now = clock::now();
  {
    const std::scoped_lock held(lock_);
    // Dials that were under way together fail together: that is one failure.
    if (began >= last_counted_failure_) {
      last_counted_failure_ = now;
      ++failures_in_a_row_;
    }
    last_failure_ = why;
  }
  tell(settings_.events.dial_failed, why);
  const auto again_at = now + redial_pause();
  no_dial_before_ = again_at.time_since_epoch().count();
  core_.dialed(slot, nullptr, now);
  // With nothing out that could come back, waiting is in vain: for one when other dials are under
  // way, for all when none is.
  if (core_.leased() == 0) {
    const auto in_vain = core_.connections() == 0 ? core_.waiting() : 1;
    for (std::size_t i = 0; i < in_vain; ++i) {
      if (const auto first = core_.take_waiter()) first->granted({});
    }
  }
  asio::co_spawn(turn_, redial_at(weak_from_this(), redial_timer_, again_at), asio::detached);
}

asio::awaitable<void> pool::redial_at(std::weak_ptr<pool> of,
                                      std::shared_ptr<asio::steady_timer> timer, time_point at) {
  if (const auto self = of.lock(); !self || self->stopped_) co_return;
  timer->expires_at(at);
  co_await timer->async_wait(as_value);
  if (const auto self = of.lock()) self->start_dials();
}

}  // namespace waitstate::client
