#include "pool/pool_dials.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "tell.h"
#include "waitstate/client/core/dialer.h"

namespace waitstate::client {

pool_dials::pool_dials(pool_shared& shared)
    : shared_(shared),
      turn_(asio::make_strand(shared.executor)),
      timer_(std::make_shared<asio::steady_timer>(turn_)) {}

void pool_dials::start() {
  if (clock::now().time_since_epoch().count() < none_before_) return;
  const auto owner = wiring_.owner.lock();
  if (!owner) return;
  auto& core = shared_.core;
  const auto& make_room = shared_.settings.make_room;
  do {
    while (const auto slot = core.next_dial()) {
      asio::co_spawn(shared_.executor, make_connection(owner, *slot), asio::detached);
    }
  } while (make_room && core.wants_room() && make_room());
}

void pool_dials::stop() {
  asio::post(turn_, [timer = timer_] { timer->cancel(); });
}

/// Answers for a dial whose coroutine ended in the middle: with an exception, or with its executor.
struct pool_dials::under_way {
  const std::shared_ptr<void> owner;
  pool_core& core;
  const std::uint32_t slot;
  bool is_over = false;

  under_way(std::shared_ptr<void> kept, pool_core& of, std::uint32_t at)
      : owner(std::move(kept)), core(of), slot(at) {}
  under_way(const under_way&) = delete;
  under_way& operator=(const under_way&) = delete;
  ~under_way() {
    if (!is_over) core.dialed(slot, nullptr, clock::now());
  }
};

asio::awaitable<void> pool_dials::make_connection(std::shared_ptr<void> owner, std::uint32_t slot) {
  under_way dial(std::move(owner), shared_.core, slot);
  const auto began = clock::now();
  auto made = co_await dial_and_prepare();
  dial.is_over = true;
  if (made) {
    succeeded(slot, *made);
  } else {
    failed(slot, std::move(made).error(), began);
  }
}

task<connection_ptr> pool_dials::dial_and_prepare() {
  const auto deadline = clock::now() + shared_.settings.dial.connect_time_max;
  auto made = co_await dial_and_greet(deadline);
  if (!made && made.error().code == errc::unsupported) made = co_await dial_and_greet(deadline);
  if (!made) co_return made;
  if (auto watched = shared_.watching->add(*made, wiring_.told); !watched) {
    co_return failure(watched.error());
  }
  co_return made;
}

task<connection_ptr> pool_dials::dial_and_greet(time_point deadline) {
  const auto& settings = shared_.settings;
  auto made = co_await dial(shared_.executor, shared_.to, settings.dial, dials_++, deadline);
  if (!made) co_return made;
  (*made)->count_in(shared_.closes);
  if (!settings.prepare) co_return made;

  asio::steady_timer alarm(shared_.executor, deadline);
  alarm.async_wait([weak = std::weak_ptr(*made)](const auto& code) {
    if (code) return;
    if (const auto late = weak.lock()) late->shut_down("the greeting took too long");
  });
  result<> greeted;
  try {
    greeted = co_await settings.prepare(*made, deadline);
  } catch (const std::exception& e) {
    greeted = failure({.code = errc::system, .what = e.what(), .hint = {}});
  }
  if (greeted && (*made)->is_shut_down()) {
    greeted = failure({.code = errc::unavailable, .what = (*made)->why_shut_down(), .hint = {}});
  }
  if (!greeted) {
    co_return failure(in_step(fmt::format("greet {}", to_string(shared_.to)), greeted.error()));
  }
  co_return made;
}

void pool_dials::succeeded(std::uint32_t slot, const connection_ptr& made) {
  tell(shared_.settings.events.connected);
  if (const auto unwanted = shared_.core.dialed(slot, made, clock::now())) {
    shared_.close(unwanted, close_how::orderly);
  } else {
    wiring_.ready(made);
  }
  start();
}

void pool_dials::new_ones_are_useless() {
  const error why{.code = errc::unavailable,
                  .what = fmt::format("connect {}: it hangs up at once, or speaks first",
                                      to_string(shared_.to)),
                  .hint = {}};
  ++failures_in_a_row_;
  const auto at = clock::now() + pause();
  none_before_ = at.time_since_epoch().count();
  {
    const std::scoped_lock held(lock_);
    last_failure_ = why;
  }
  tell(shared_.settings.events.dial_failed, why);
  again_at(at);
}

duration pool_dials::pause() const {
  const auto doublings = std::min(failures_in_a_row_.load(), 20U);
  if (doublings == 0) return duration{0};
  return std::min(shared_.settings.redial_first * (duration::rep{1} << (doublings - 1)),
                  shared_.settings.redial_max);
}

void pool_dials::failed(std::uint32_t slot, error why, time_point began) {
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
  tell(shared_.settings.events.dial_failed, why);
  const auto at = now + pause();
  none_before_ = at.time_since_epoch().count();
  auto& core = shared_.core;
  core.dialed(slot, nullptr, now);
  // With nothing out that could come back, waiting is in vain: for one when other dials are under
  // way, for all when none is.
  if (core.leased() == 0) {
    const auto in_vain = core.connections() == 0 ? core.waiting() : 1;
    for (std::size_t i = 0; i < in_vain; ++i) {
      if (const auto first = core.take_waiter()) first->granted({});
    }
  }
  again_at(at);
}

void pool_dials::again_at(time_point at) {
  asio::co_spawn(turn_, start_at(timer_, wiring_.owner, at), asio::detached);
}

// The timer and the owner are the coroutine's own: while it waits the pool may end.
asio::awaitable<void> pool_dials::start_at(std::shared_ptr<asio::steady_timer> timer,
                                           std::weak_ptr<void> owner, time_point at) {
  if (const auto alive = owner.lock(); !alive || shared_.stopped) co_return;
  timer->expires_at(at);
  co_await timer->async_wait(as_value);
  if (const auto alive = owner.lock()) start();
}

std::optional<error> pool_dials::last_failure() const {
  const std::scoped_lock held(lock_);
  return last_failure_;
}

}  // namespace waitstate::client
