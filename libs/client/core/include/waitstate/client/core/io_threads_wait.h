#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/io_threads.h"

namespace waitstate::client {

class thread_turns;

/// A thread that waits for a task of an io_threads; for io_threads::wait() alone.
class waiting_call {
 public:
  explicit waiting_call(io_threads& on);
  ~waiting_call();
  waiting_call(const waiting_call&) = delete;
  waiting_call& operator=(const waiting_call&) = delete;

  /// Why there can be none; nothing when there can.
  [[nodiscard]] const std::optional<error>& refused() const { return refused_; }

  /// Held while the task is handed over: the context does not end meanwhile.
  [[nodiscard]] std::shared_lock<std::shared_mutex> begin();
  [[nodiscard]] asio::io_context& context() const;

  /// What the task has of us. When it is gone, with the task done or not, the wait is over.
  class end {
   public:
    explicit end(waiting_call& of) : of_(&of) {}
    ~end() {
      if (of_ != nullptr) of_->is_over();
    }
    end(end&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    end& operator=(end&&) = delete;
    end(const end&) = delete;
    end& operator=(const end&) = delete;

   private:
    waiting_call* of_;
  };

  void wait() noexcept;
  [[nodiscard]] static error has_ended();

 private:
  void is_over();
  void run_until_over();

  io_threads::state& on_;
  const std::shared_ptr<thread_turns> turns_;
  std::optional<error> refused_;
  bool has_begun_ = false;
  bool runs_itself_ = false;  // the coroutines, on this thread
  std::mutex lock_;
  std::condition_variable changed_;
  std::atomic<bool> over_{false};
};

template <class T>
result<T> io_threads::wait(asio::awaitable<result<T>, asio::any_io_executor> what) {
  waiting_call here(*this);
  if (here.refused()) return failure(*here.refused());
  std::exception_ptr thrown;
  std::optional<result<T>> got;
  {
    const auto begins = here.begin();
    asio::co_spawn(
        here.context(), std::move(what),
        [&thrown, &got, end = waiting_call::end(here)](std::exception_ptr bad, result<T> value) {
          thrown = std::move(bad);
          got.emplace(std::move(value));
        });
  }
  here.wait();
  if (thrown) std::rethrow_exception(thrown);
  if (!got) return failure(waiting_call::has_ended());
  return *std::move(got);
}

}  // namespace waitstate::client
