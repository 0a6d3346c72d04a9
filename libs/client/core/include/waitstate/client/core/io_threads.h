#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "waitstate/base/result.h"
#include "waitstate/client/core/asio_names.h"

namespace waitstate::client {

class capacity;
class cluster;
struct cluster_settings;
class endpoint_source;
class waiting_call;

/// The blocking face: threads of its own that run the coroutines, so that plain code can wait for
/// them. One for the whole process is enough. For code that has an executor already, the coroutine
/// face needs none of this.
///
/// Where there is one thread, and one caller alone asks again and again, that caller's thread runs
/// the coroutines while it waits, which spares two switches of threads for each call.
///
/// Any thread but its own may call any member. What was made with it (clusters, leases, HTTP and
/// Redis clients) ends before it does. This header needs no Boost; wait() is in io_threads_wait.h,
/// which waitstate/client.h has.
class io_threads {
 public:
  /// `threads`: 1 to 64; one serves tens of thousands of calls a second.
  explicit io_threads(std::size_t threads = 1);
  /// Stops the clusters and joins the threads. In a child that was forked meanwhile it leaves
  /// everything as it is.
  ~io_threads();
  io_threads(const io_threads&) = delete;
  io_threads& operator=(const io_threads&) = delete;

  [[nodiscard]] asio::any_io_executor executor();

  /// A cluster that runs here until this is destroyed. `shared`: see cluster::make().
  [[nodiscard]] result<std::shared_ptr<cluster>> make_cluster(
      std::shared_ptr<endpoint_source> source, cluster_settings settings,
      std::shared_ptr<capacity> shared = {});

  /// Runs something in the background. `stop` is called, once, when this is destroyed.
  void run(asio::awaitable<void, asio::any_io_executor> what, std::function<void()> stop);

  /// Waits for a task to end. Called on one of these threads it would wait for itself, and after
  /// fork() for threads that the child does not have: that fails with errc::invalid_input and runs
  /// nothing. What is under way when this is destroyed gets errc::cancelled.
  template <class T>
  [[nodiscard]] result<T> wait(asio::awaitable<result<T>, asio::any_io_executor> what);

  struct state;

 private:
  friend class waiting_call;

  std::unique_ptr<state> state_;
};

}  // namespace waitstate::client
