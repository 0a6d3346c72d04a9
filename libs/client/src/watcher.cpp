#include "waitstate/client/watcher.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include <boost/asio/post.hpp>

namespace waitstate::client {

result<std::shared_ptr<watcher>> watcher::make(const asio::any_io_executor& executor,
                                               handler on_closed) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return failure(from_errno(errno, "watch idle connections"));
  // A constructor that only make() may call keeps out make_shared.
  return std::shared_ptr<watcher>(
      new watcher(asio::posix::stream_descriptor(executor, epoll), std::move(on_closed)));
}

watcher::watcher(asio::posix::stream_descriptor epoll, handler on_closed)
    : epoll_(std::move(epoll)), on_closed_(std::move(on_closed)) {}

result<> watcher::add(const connection_ptr& watched) {
  {
    const std::scoped_lock held(lock_);
    watched_[watched.get()] = watched;
  }
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;
  event.data.ptr = watched.get();
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, watched->native_handle(), &event) != 0) {
    const int reason = errno;
    remove(*watched);
    return failure(from_errno(reason, "watch a connection"));
  }
  return {};
}

void watcher::remove(connection& watched) {
  const std::scoped_lock held(lock_);
  watched_.erase(&watched);
}

asio::awaitable<void> watcher::run() {
  const auto self = shared_from_this();
  while (epoll_.is_open()) {
    const auto [code] =
        co_await epoll_.async_wait(asio::posix::stream_descriptor::wait_read, as_value);
    if (code) co_return;
    take_events();
  }
}

void watcher::stop() {
  asio::post(epoll_.get_executor(), [self = shared_from_this()] {
    boost::system::error_code ignored;
    self->epoll_.close(ignored);
  });
}

void watcher::take_events() {
  std::array<epoll_event, 256> events{};
  const int count = ::epoll_wait(epoll_.native_handle(), events.data(), events.size(), 0);
  for (int i = 0; i < count; ++i) {
    const auto* const key =
        static_cast<const connection*>(events[static_cast<std::size_t>(i)].data.ptr);
    connection_ptr closed;
    {
      const std::scoped_lock held(lock_);
      const auto found = watched_.find(key);
      if (found != watched_.end()) closed = found->second.lock();
    }
    if (!closed) continue;  // it went while its event was on the way
    closed->mark_peer_closed();
    on_closed_(closed);
  }
}

}  // namespace waitstate::client
