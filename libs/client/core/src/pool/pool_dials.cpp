#include "pool/pool_dials.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "notify.h"
#include "waitstate/client/core/dialer.h"

namespace waitstate::client {
namespace {

/// Descriptors and ports come back without a word, and cost nobody anything to be asked for.
constexpr duration shortage_pause_max = std::chrono::milliseconds(500);

}  // namespace

pool_dials::pool_dials(pool_shared& shared)
    : shared_(shared), turn_(asio::make_strand(shared.executor)), timer_(turn_) {}

void pool_dials::start() {
  const auto owner = wiring_.owner.lock();
  if (!owner) return;
  auto& core = shared_.core;
  const auto& make_room = shared_.settings.make_room;
  do {
    while (!is_pausing()) {
      const auto slot = core.next_dial();
      if (!slot) break;
      asio::co_spawn(shared_.executor, make_connection(owner, *slot), asio::detached);
    }
  } while (!is_pausing() && make_room && core.wants_room() && make_room());
}

void pool_dials::stop() {
  asio::post(turn_, [this, owner = wiring_.owner] {
    if (const auto alive = owner.lock()) timer_.cancel();
  });
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
  // A dial that the system refuses at once must not end while whoever began it looks for another.
  co_await asio::post(shared_.executor, asio::use_awaitable);
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
  auto made = co_await dial(shared_.executor, shared_.to, settings.dial, dials_++, deadline,
                            shared_.sessions, shared_.addresses);
  if (!made) co_return made;
  (*made)->count_in(shared_.closes);
  if (!settings.prepare) co_return made;

  asio::steady_timer alarm(shared_.executor, deadline);
  alarm.async_wait([weak = std::weak_ptr(*made)](const auto& code) {
    if (code) return;
    const auto late = weak.lock();
    if (late) late->shut_down("the greeting took too long", errc::timed_out);
  });
  const auto began = clock::now();
  result<> greeted;
  try {
    greeted = co_await settings.prepare(*made, deadline);
  } catch (...) {
    greeted = failure(thrown());
  }
  (*made)->made_in().greeting = clock::now() - began;
  if (const auto why = (*made)->why_shut_down(); greeted && why) greeted = failure(*why);
  if (!greeted) {
    (*made)->close_with(settings.expire_with);
    auto why = in_step(fmt::format("greet {}", to_string(shared_.to)), greeted.error());
    why.phase = call_phase::greeting;
    co_return failure(std::move(why));
  }
  co_return made;
}

void pool_dials::succeeded(std::uint32_t slot, const connection_ptr& made) {
  {
    const std::scoped_lock held(lock_);
    last_failure_.reset();
  }
  notify(shared_.settings.events.connected);
  if (const auto unwanted = shared_.core.dialed(slot, made, clock::now())) {
    shared_.close(unwanted, shared_.settings.expire_with);
  } else {
    wiring_.ready(made);
  }
  start();
}

void pool_dials::new_ones_are_useless() {
  const error why{.code = errc::reset,
                  .what = fmt::format("connect {}: it hangs up at once, or speaks first",
                                      to_string(shared_.to)),
                  .hint = {},
                  .phase = call_phase::connect};
  ++failures_in_a_row_;
  {
    const std::scoped_lock held(lock_);
    last_failure_ = why;
  }
  notify(shared_.settings.events.dial_failed, why);
  pause_after(why);
  start_after_the_pause();
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
  notify(shared_.settings.events.dial_failed, why);
  pause_after(why);
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
  start_after_the_pause();
}

void pool_dials::pause_after(const error& why) {
  const auto& settings = shared_.settings;
  const auto doublings = std::clamp(failures_in_a_row_.load(), 1U, 20U) - 1;
  auto pause =
      std::min(settings.redial_first * (duration::rep{1} << doublings), settings.redial_max);
  if (is_own_shortage(why)) pause = std::min(pause, shortage_pause_max);
  none_before_ = (clock::now() + pause).time_since_epoch().count();
}

bool pool_dials::is_pausing() const {
  return clock::now().time_since_epoch().count() < none_before_;
}

/// One timer, however many dials failed.
void pool_dials::start_after_the_pause() {
  asio::post(turn_, [this, owner = wiring_.owner] {
    const auto alive = owner.lock();
    if (!alive || shared_.stopped || std::exchange(is_timer_set_, true)) return;
    timer_.expires_at(time_point(duration(none_before_)));
    timer_.async_wait([this, owner](const auto& code) {
      const auto still_alive = owner.lock();
      if (!still_alive) return;
      is_timer_set_ = false;
      if (code) return;
      is_pausing() ? start_after_the_pause() : start();
    });
  });
}

std::optional<error> pool_dials::last_failure() const {
  const std::scoped_lock held(lock_);
  return last_failure_;
}

}  // namespace waitstate::client
