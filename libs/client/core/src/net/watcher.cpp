#include "waitstate/client/core/watcher.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <tuple>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace waitstate::client {

result<std::shared_ptr<watcher>> watcher::make(const asio::any_io_executor& executor,
                                               handler on_closed, handler on_bytes) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return failure(from_errno(errno, "watch idle connections"));
  // A constructor that only make() may call keeps out make_shared.
  return std::shared_ptr<watcher>(
      new watcher(asio::make_strand(executor), epoll, std::move(on_closed), std::move(on_bytes)));
}

watcher::watcher(const strand& turn, int epoll, handler on_closed, handler on_bytes)
    : turn_(turn),
      epoll_(turn, epoll),
      on_closed_(std::move(on_closed)),
      on_bytes_(std::move(on_bytes)) {}

result<> watcher::add(const connection_ptr& watched) {
  std::uint64_t number = 0;
  {
    const std::scoped_lock held(lock_);
    number = ++last_number_;
    watched_[number] = watched;
  }
  watched->set_watch_number(number);
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
  asio::co_spawn(turn_, run(shared_from_this()), asio::detached);
}

asio::awaitable<void> watcher::run(std::shared_ptr<watcher> self) {
  while (!self->stopped_) {
    const auto [code] =
        co_await self->epoll_.async_wait(asio::posix::stream_descriptor::wait_read, as_value);
    if (code) co_return;
    self->take_events();
  }
}

void watcher::stop() {
  asio::post(turn_, [self = shared_from_this()] {
    self->stopped_ = true;
    boost::system::error_code ignored;
    std::ignore = self->epoll_.cancel(ignored);
  });
}

void watcher::take_events() {
  std::array<epoll_event, 256> events{};
  const int count = ::epoll_wait(epoll_.native_handle(), events.data(), events.size(), 0);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    const std::uint64_t number = event.data.u64;  // a copy: the struct is packed
    connection_ptr seen;
    {
      const std::scoped_lock held(lock_);
      const auto found = watched_.find(number);
      if (found != watched_.end()) seen = found->second.lock();
    }
    if (!seen) continue;  // it went while its event was on the way
    if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0U) {
      on_bytes_(seen);
      continue;
    }
    // Our own shutdown looks the same from here.
    if (!seen->is_shut_down()) seen->mark_peer_closed();
    on_closed_(seen);
  }
}

}  // namespace waitstate::client
