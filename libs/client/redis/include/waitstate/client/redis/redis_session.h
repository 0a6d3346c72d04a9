#pragma once

#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/redis/redis_command.h"
#include "waitstate/client/redis/redis_reply.h"
#include "waitstate/client/redis/redis_settings.h"

namespace waitstate::client {

struct redis_request;

/// One connection for commands that change it or take it over: SELECT, WATCH and MULTI, SUBSCRIBE,
/// BLPOP, CLIENT ... Made by redis_client::session().
///
/// What it changed never reaches the next lease: at the end the server is told RESET (Redis 6.2 and
/// later) and the connection is greeted anew (AUTH, SELECT, CLIENT SETNAME); where that fails, it
/// is closed. So is a connection on which something failed or was not read.
///
/// One operation at a time. Nothing is retried.
class redis_session {
 public:
  redis_session() = default;
  /// As end(), in the background, when it was not called.
  ~redis_session();
  redis_session(redis_session&& other) noexcept = default;
  redis_session& operator=(redis_session&& other) noexcept;
  redis_session(const redis_session&) = delete;
  redis_session& operator=(const redis_session&) = delete;

  explicit operator bool() const { return state_ != nullptr; }
  [[nodiscard]] const endpoint& to() const;

  /// Fails with errc::unavailable when the connection or the deadline ends; then it is of no more
  /// use. A blocking command needs a deadline past its own time.
  [[nodiscard]] task<redis_reply> command(redis_command what, time_limit deadline);
  [[nodiscard]] task<std::vector<redis_reply>> pipeline(std::vector<redis_command> commands,
                                                        time_limit deadline);
  /// The next message of a subscription (or of MONITOR): {"message", channel, text}. After
  /// SUBSCRIBE to several channels the confirmations past the first come here, too.
  [[nodiscard]] task<redis_reply> receive(time_limit deadline);

  /// Resets the connection and gives it back. Fails when it had to be closed instead.
  task<> end(time_limit deadline);

 private:
  friend class redis_client;
  struct state;
  using state_ptr = std::shared_ptr<state>;

  redis_session(cluster_lease over, asio::any_io_executor executor,
                std::shared_ptr<const redis_request> greeting, const redis_limits& limits);
  static task<std::vector<redis_reply>> execute(state_ptr s, std::vector<redis_command> commands,
                                                time_limit deadline);
  static task<redis_reply> execute_one(state_ptr s, redis_command what, time_limit deadline);
  static task<redis_reply> receive_one(state_ptr s, time_limit deadline);
  static task<> reset(state_ptr s);
  static task<> finish(state_ptr s, time_limit deadline);
  static asio::awaitable<void> finish_in_background(state_ptr s);
  void leave();

  state_ptr state_;
};

}  // namespace waitstate::client
