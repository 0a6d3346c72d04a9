#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// One value, given once by any thread, for one coroutine that waits for it until a deadline. A
/// value that nobody takes is destroyed with this.
template <class T>
class one_shot : public std::enable_shared_from_this<one_shot<T>> {
 public:
  explicit one_shot(const asio::any_io_executor& executor)
      : turn_(asio::make_strand(executor)), timer_(turn_) {}

  void give(T value) {
    {
      const std::scoped_lock held(lock_);
      value_ = std::move(value);
      is_given_ = true;
    }
    asio::post(turn_, [self = this->shared_from_this()] { self->timer_.cancel(); });
  }

  /// Nothing when the deadline came first; may be asked again.
  static asio::awaitable<std::optional<T>> take(std::shared_ptr<one_shot> self,
                                                time_point deadline) {
    // Our own handler: that of co_spawn() is told in turn_ and may be gone by then, as when the
    // value comes in the moment of the cancellation.
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    auto slot = state.slot();
    if (slot.is_connected()) slot.assign([self](asio::cancellation_type) { self->cancel(); });
    // A wait that is cancelled before it began is told by an exception, which says no more.
    co_await asio::co_spawn(self->turn_, wait(self, deadline),
                            asio::bind_cancellation_slot(asio::cancellation_slot(), as_value));
    if (slot.is_connected()) slot.clear();
    const std::scoped_lock held(self->lock_);
    co_return std::exchange(self->value_, std::nullopt);
  }

 private:
  // In turn_, so that the cancel comes either before is_given() is asked or after the wait began.
  static asio::awaitable<void> wait(std::shared_ptr<one_shot> self, time_point deadline) {
    if (self->is_given() || std::exchange(self->is_cancelled_, false)) co_return;
    self->timer_.expires_at(deadline);
    co_await self->timer_.async_wait(as_value);
  }

  void cancel() {
    asio::post(turn_, [self = this->shared_from_this()] {
      self->is_cancelled_ = true;
      self->timer_.cancel();
    });
  }

  [[nodiscard]] bool is_given() {
    const std::scoped_lock held(lock_);
    return is_given_;
  }

  asio::strand<asio::any_io_executor> turn_;
  asio::steady_timer timer_;   // in turn_
  bool is_cancelled_ = false;  // in turn_
  std::mutex lock_;
  std::optional<T> value_;
  bool is_given_ = false;
};

}  // namespace waitstate::client
