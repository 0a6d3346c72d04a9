#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "net/watcher.h"
#include "pool/pool_shared.h"
#include "waitstate/base/error.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/connection.h"

namespace waitstate::client {

/// How a pool makes connections: when, prepared how, and what a failure means for those who wait.
///
/// Any thread may call any member.
class pool_dials {
 public:
  /// `shared` is the pool's. `ready` is called with each connection that went into the pool, and
  /// `told` says who is told by the watcher.
  struct wiring {
    std::weak_ptr<void> owner;  ///< The pool: kept alive by each dial, not by the timer.
    std::function<void(const connection_ptr&)> ready;
    std::shared_ptr<const watcher::handlers> told;
  };

  explicit pool_dials(pool_shared& shared);

  void wire(wiring to) { wiring_ = std::move(to); }

  /// Dials for whoever waits, unless the last dial failed just now.
  void start();
  void stop();

  /// A connection was clean when it was leased.
  void connection_was_good() {
    if (failures_in_a_row_ > 0) failures_in_a_row_ = 0;
  }
  /// As after a failed dial, but for the slots and those who wait: they try for themselves.
  void new_ones_are_useless();

  [[nodiscard]] std::optional<error> last_failure() const;

 private:
  struct under_way;

  // Coroutines keep the pool alive by `owner`.
  asio::awaitable<void> make_connection(std::shared_ptr<void> owner, std::uint32_t slot);
  task<connection_ptr> dial_and_prepare();
  task<connection_ptr> dial_and_greet(time_point deadline);
  void succeeded(std::uint32_t slot, const connection_ptr& made);
  void failed(std::uint32_t slot, error why, time_point began);
  void pause_after(const error& why);
  [[nodiscard]] bool is_pausing() const;
  void start_after_the_pause();

  pool_shared& shared_;
  wiring wiring_;
  const asio::strand<asio::any_io_executor> turn_;  // of the timer
  asio::steady_timer timer_;                        // in turn_
  bool is_timer_set_ = false;                       // in turn_
  std::atomic<std::uint64_t> dials_{0};
  std::atomic<std::uint32_t> failures_in_a_row_{0};
  std::atomic<duration::rep> none_before_{0};
  mutable std::mutex lock_;
  std::optional<error> last_failure_;
  time_point last_counted_failure_{};
};

}  // namespace waitstate::client
