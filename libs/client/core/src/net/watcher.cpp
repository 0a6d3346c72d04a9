#include "net/watcher.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <tuple>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "net/per_executor.h"
#include "net/shared_timer.h"

namespace waitstate::client {
namespace {

constexpr duration looked_at_every = std::chrono::milliseconds(20);

}  // namespace

result<std::shared_ptr<watcher>> watcher::make(const asio::any_io_executor& executor) {
  auto timer = per_executor<shared_timer>::of(executor);
  if (!timer) return failure(std::move(timer).error());
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return failure(from_errno(errno, "watch idle connections"));
  // A constructor that only make() may call keeps out make_shared.
  std::shared_ptr<watcher> made(new watcher(asio::make_strand(executor), epoll));
  made->deadlines_ = (*timer)->make_reminder([weak = std::weak_ptr(made)](time_point now) {
    if (const auto self = weak.lock()) self->end_overdue(now);
  });
  return made;
}

watcher::watcher(const strand& turn, int epoll) : turn_(turn), epoll_(turn, epoll) {}

result<> watcher::add(const connection_ptr& watched, std::shared_ptr<const handlers> told) {
  std::uint64_t number = 0;
  {
    const std::scoped_lock held(lock_);
    number = ++last_number_;
    watched_[number] = {.what = watched, .told = std::move(told)};
  }
  watched->set_watch_number(number);
  watched->keep_deadlines_by(deadlines_);
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;
  event.data.u64 = number;
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, watched->native_handle(), &event) != 0) {
    const int reason = errno;
    remove(*watched);
    return failure(from_errno(reason, "watch a connection"));
  }
  return {};
}

void watcher::remove(connection& watched) {
  const std::scoped_lock held(lock_);
  watched_.erase(watched.watch_number());
}

void watcher::watch_for_bytes(connection& watched, bool is_wanted) {
  if (watched.set_watched_for_bytes(is_wanted) == is_wanted) return;
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;
  if (is_wanted) event.events |= EPOLLIN;
  event.data.u64 = watched.watch_number();
  // It fails for a connection that is closed meanwhile, of which nothing needs to be seen.
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, watched.native_handle(), &event);
}

void watcher::start() {
  ++started_;
  asio::post(turn_, [self = shared_from_this()] {
    if (!std::exchange(self->is_waiting_, true)) {
      asio::co_spawn(self->turn_, run(self), asio::detached);
    }
  });
}

asio::awaitable<void> watcher::run(std::shared_ptr<watcher> self) {
  while (self->started_ > 0) {
    const auto [code] =
        co_await self->epoll_.async_wait(asio::posix::stream_descriptor::wait_read, as_value);
    // Somebody may have started again after the stop() that cancelled.
    if (code && code != asio::error::operation_aborted) break;
    if (!code) self->take_events();
  }
  self->is_waiting_ = false;
}

void watcher::stop() {
  if (--started_ > 0) return;
  // What nobody waits for any more must not keep the executor at work.
  deadlines_->remind_by(clock::now());
  asio::post(turn_, [self = shared_from_this()] {
    boost::system::error_code ignored;
    std::ignore = self->epoll_.cancel(ignored);
  });
}

std::size_t watcher::size() const {
  const std::scoped_lock held(lock_);
  return watched_.size();
}

void watcher::take_events() {
  std::array<epoll_event, 256> events{};
  const int count = ::epoll_wait(epoll_.native_handle(), events.data(), events.size(), 0);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    const std::uint64_t number = event.data.u64;  // a copy: the struct is packed
    connection_ptr seen;
    std::shared_ptr<const handlers> told;
    {
      const std::scoped_lock held(lock_);
      const auto found = watched_.find(number);
      if (found == watched_.end()) continue;  // it went while its event was on the way
      seen = found->second.what.lock();
      told = found->second.told;
    }
    if (!seen) continue;
    if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0U) {
      told->bytes(seen);
      continue;
    }
    // Our own shutdown looks the same from here.
    if (!seen->is_shut_down()) seen->mark_peer_closed();
    told->closed(seen);
  }
}

std::vector<connection_ptr> watcher::all() const {
  std::vector<connection_ptr> found;
  const std::scoped_lock held(lock_);
  found.reserve(watched_.size());
  for (const auto& [number, one] : watched_) {
    if (auto what = one.what.lock()) found.push_back(std::move(what));
  }
  return found;
}

void watcher::end_overdue(time_point now) {
  auto next = time_point::max();
  for (const auto& one : all()) {
    one->end_if_overdue(now);
    if (!one->is_shut_down()) next = std::min(next, one->deadline());
  }
  if (next == time_point::max()) return;
  // Where no pool runs, it is a deadline alone that keeps the executor at work: only until the
  // operation is over.
  if (started_ <= 0) next = std::min(next, now + looked_at_every);
  deadlines_->remind_by(next);
}

}  // namespace waitstate::client
