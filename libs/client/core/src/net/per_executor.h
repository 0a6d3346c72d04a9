#pragma once

#include <cassert>
#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

#include "waitstate/base/result.h"
#include "waitstate/client/core/asio.h"

namespace waitstate::client {

/// The one T of an execution context (an io_context, say), shared by all who work on its
/// executors: made by whoever asks first, with T::make(executor), and gone with the last who holds
/// it.
template <class T>
class per_executor final : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;

  explicit per_executor(asio::execution_context& context)
      : asio::execution_context::service(context) {}
  /// The context ends, after everything that ran on it: whoever holds the one still would use what
  /// is gone.
  ~per_executor() override {
    assert(one_.expired() &&
           "clusters, pools, leases and clients have to end before the executor they run on");
  }
  per_executor(const per_executor&) = delete;
  per_executor& operator=(const per_executor&) = delete;

  /// By any thread. Fails when T::make() does, and is tried again then.
  static result<std::shared_ptr<T>> of(const asio::any_io_executor& executor) {
    auto& context = asio::query(executor, asio::execution::context);
    auto& here = asio::use_service<per_executor>(context);
    const std::scoped_lock held(here.lock_);
    if (auto known = here.one_.lock()) return known;
    auto made = T::make(executor);
    if (made) here.one_ = *made;
    return made;
  }

 private:
  void shutdown() noexcept override {}

  std::mutex lock_;
  std::weak_ptr<T> one_;
};

}  // namespace waitstate::client
