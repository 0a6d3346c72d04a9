#pragma once

#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "waitstate/client/core/asio.h"

namespace waitstate::client {

/// An io_context with threads of its own, for tests.
class test_io {
 public:
  explicit test_io(int threads = 1) : work_(asio::make_work_guard(io_)) {
    for (int i = 0; i < threads; ++i) running_.emplace_back([this] { io_.run(); });
  }
  ~test_io() { stop(); }
  test_io(const test_io&) = delete;
  test_io& operator=(const test_io&) = delete;

  void stop() {
    io_.stop();
    for (auto& thread : running_) thread.join();
    running_.clear();
  }

  asio::any_io_executor executor() { return io_.get_executor(); }

  void spawn(asio::awaitable<void> what) { asio::co_spawn(io_, std::move(what), asio::detached); }

  /// Runs a task to its end.
  template <class T>
  result<T> await(task<T> what) {
    return asio::co_spawn(io_, std::move(what), asio::use_future).get();
  }

 private:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::thread> running_;
};

/// Waits, for five seconds at most, for something that another thread is about to make true.
inline bool soon(const std::function<bool()>& is_true) {
  for (int i = 0; i < 1000; ++i) {
    if (is_true()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return is_true();
}

}  // namespace waitstate::client
