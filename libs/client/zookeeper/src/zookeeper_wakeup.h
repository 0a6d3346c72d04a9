#pragma once

#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

/// One coroutine's wait for "something happened, look again". Used in one strand; a poke while
/// nobody waits is kept. Its owner keeps it alive while somebody waits.
class zookeeper_wakeup {
 public:
  explicit zookeeper_wakeup(asio::strand<asio::any_io_executor> turn) : timer_(std::move(turn)) {}

  void poke() {
    is_poked_ = true;
    timer_.cancel();
  }

  asio::awaitable<void> wait_until(time_point at) {
    if (!is_poked_) {
      timer_.expires_at(at);
      co_await timer_.async_wait(as_value);
    }
    is_poked_ = false;
  }

 private:
  asio::steady_timer timer_;
  bool is_poked_ = false;
};

}  // namespace waitstate::client
