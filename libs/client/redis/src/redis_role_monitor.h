#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

#include "redis_exchange.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/endpoint_source.h"
#include "waitstate/client/core/pool.h"
#include "waitstate/client/internal/one_shot.h"
#include "waitstate/client/redis/redis_roles.h"
#include "waitstate/client/redis/redis_settings.h"

namespace waitstate::client {

/// What a monitor knows of one role. Runs with the monitor.
class redis_role_source final : public endpoint_source {
 public:
  asio::awaitable<void> run() override { co_return; }
  void stop() override {}
  using endpoint_source::publish;
  using endpoint_source::publish_failure;
};

/// Asks each server what it is, over a connection of its own to each, at an interval and whenever
/// somebody doubts. The first answers count when all are there; later ones as they come.
///
/// Any thread may call any member.
class redis_role_monitor : public std::enable_shared_from_this<redis_role_monitor> {
 public:
  /// `pool` is how to connect, with the greeting in it.
  static result<std::shared_ptr<redis_role_monitor>> make(const asio::any_io_executor& executor,
                                                          const redis_settings& settings,
                                                          pool_settings pool);

  /// Until stop(). Spawn it once.
  asio::awaitable<void> run();
  void stop();

  /// Something looks wrong: asks again now.
  void ask_now();
  /// The same, and waits until everybody was asked or there is another primary. False when the
  /// deadline came first.
  static asio::awaitable<bool> asked(std::shared_ptr<redis_role_monitor> self, time_point deadline);

  [[nodiscard]] std::shared_ptr<endpoint_source> primary() const { return primary_; }
  [[nodiscard]] std::shared_ptr<endpoint_source> replicas() const { return replicas_; }

 private:
  struct round;

  redis_role_monitor(const asio::any_io_executor& executor, const redis_settings& settings,
                     redis_request_ptr question);
  static asio::awaitable<void> ask_all(std::shared_ptr<redis_role_monitor> self);
  static asio::awaitable<void> ask_one(std::shared_ptr<redis_role_monitor> self, std::size_t which,
                                       std::shared_ptr<round> of);
  static task<redis_role> ask(std::shared_ptr<redis_role_monitor> self, std::size_t which);
  void decide();
  void wake_all();
  [[nodiscard]] error why_no_primary() const;

  // Everything that asks and decides runs here.
  const asio::strand<asio::any_io_executor> turn_;
  const duration interval_;
  const duration time_max_;
  const redis_limits limits_;
  const redis_request_ptr question_;
  std::vector<std::shared_ptr<pool>> pools_;
  std::vector<redis_server> servers_;   // in turn_
  std::vector<std::string> why_;        // in turn_; of those without a role
  std::optional<endpoint> is_primary_;  // in turn_
  bool is_first_round_over_ = false;    // in turn_
  const std::shared_ptr<redis_role_source> primary_ = std::make_shared<redis_role_source>();
  const std::shared_ptr<redis_role_source> replicas_ = std::make_shared<redis_role_source>();
  std::atomic<bool> stopped_{false};
  std::mutex lock_;
  std::shared_ptr<one_shot<bool>> doubt_;                      // guarded by lock_
  std::vector<std::shared_ptr<one_shot<bool>>> waiting_;       // for the round under way
  std::vector<std::shared_ptr<one_shot<bool>>> waiting_next_;  // for the next one
};

}  // namespace waitstate::client
