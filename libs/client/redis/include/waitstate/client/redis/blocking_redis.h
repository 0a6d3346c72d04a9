#pragma once

#include <memory>
#include <source_location>
#include <utility>
#include <vector>

#include "waitstate/client/core/io_threads.h"
#include "waitstate/client/redis/redis_client.h"

namespace waitstate::client {

/// A redis_session for plain threads. Ends before the client it runs on.
class blocking_redis_session {
 public:
  blocking_redis_session(io_threads& runs_on, redis_session s)
      : runs_on_(&runs_on), session_(std::move(s)) {}

  [[nodiscard]] result<redis_reply> command(redis_command what, time_limit deadline);
  [[nodiscard]] result<std::vector<redis_reply>> pipeline(std::vector<redis_command> commands,
                                                          time_limit deadline);
  [[nodiscard]] result<redis_reply> receive(time_limit deadline);
  result<> end(time_limit deadline);

 private:
  io_threads* runs_on_;
  redis_session session_;
};

/// A redis_client for plain threads:
///
///   io_threads runs;
///   auto redis = blocking_redis::make(runs, {.endpoints = {{"10.0.0.7", 6379}}});
///   auto v = redis->command({"GET", "x"}, 1s);
///
/// Any thread may call any member, but for the io_threads' own. Ends before those.
class blocking_redis {
 public:
  /// Fails when the settings make no sense.
  static result<blocking_redis> make(io_threads& runs_on, redis_settings settings,
                                     std::shared_ptr<capacity> shared = {});

  [[nodiscard]] result<redis_reply> command(
      redis_command what, time_limit deadline, redis_route route = redis_route::by_command,
      std::source_location where = std::source_location::current());
  [[nodiscard]] result<std::vector<redis_reply>> pipeline(
      std::vector<redis_command> commands, time_limit deadline,
      redis_route route = redis_route::by_command,
      std::source_location where = std::source_location::current());
  [[nodiscard]] result<std::vector<redis_reply>> transaction(
      std::vector<redis_command> commands, time_limit deadline,
      std::source_location where = std::source_location::current());
  [[nodiscard]] result<blocking_redis_session> session(
      time_limit deadline, redis_route route = redis_route::primary,
      std::source_location where = std::source_location::current());

  /// The coroutine face of the same.
  [[nodiscard]] const std::shared_ptr<redis_client>& coroutines() const { return redis_; }

 private:
  blocking_redis(io_threads& runs_on, std::shared_ptr<redis_client> redis)
      : runs_on_(&runs_on), redis_(std::move(redis)) {}

  io_threads* runs_on_;
  std::shared_ptr<redis_client> redis_;
};

}  // namespace waitstate::client
