#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/endpoint_source.h"

namespace waitstate::client {

/// The blocking face: threads of its own that run the coroutines, so that plain code can wait for
/// them. One for the whole process is enough. For code that has an executor already, the coroutine
/// face needs none of this.
///
/// Any thread but its own may call any member. What was made with it (clusters, leases, HTTP and
/// Redis clients) ends before it does.
class io_threads {
 public:
  /// `threads`: 1 to 64; one serves tens of thousands of calls a second.
  explicit io_threads(std::size_t threads = 1);
  /// Stops the clusters and joins the threads.
  ~io_threads();
  io_threads(const io_threads&) = delete;
  io_threads& operator=(const io_threads&) = delete;

  [[nodiscard]] asio::any_io_executor executor() { return io_.get_executor(); }

  /// A cluster that runs here until this is destroyed. `shared`: see cluster::make().
  [[nodiscard]] result<std::shared_ptr<cluster>> make_cluster(
      std::shared_ptr<endpoint_source> source, cluster_settings settings,
      std::shared_ptr<capacity> shared = {});

  /// Runs something in the background. `stop` is called, once, when this is destroyed.
  void run(asio::awaitable<void> what, std::function<void()> stop);

  /// Waits for a task to end. Called on one of these threads it would wait for itself, and after
  /// fork() for threads that the child does not have: that fails with errc::invalid_input and runs
  /// nothing. What is under way when this is destroyed gets errc::cancelled.
  template <class T>
  [[nodiscard]] result<T> wait(task<T> what) {
    if (auto may = may_wait(); !may) return failure(std::move(may).error());
    std::future<result<T>> coming;
    {
      const std::shared_lock begins(beginning_);
      coming = asio::co_spawn(io_, std::move(what), asio::use_future);
    }
    try {
      return coming.get();
    } catch (const std::future_error&) {
      return failure(has_ended());
    }
  }

 private:
  [[nodiscard]] result<> may_wait() const;
  [[nodiscard]] static error has_ended();

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  const pid_t made_in_;
  std::shared_mutex beginning_;  // held by those that hand a task to io_, which must not end then
  std::mutex lock_;
  std::vector<std::function<void()>> stops_;
  std::vector<std::thread> threads_;
};

}  // namespace waitstate::client
