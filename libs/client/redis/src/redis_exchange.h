#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/redis/redis_command.h"
#include "waitstate/client/redis/redis_reply.h"
#include "waitstate/client/redis/redis_settings.h"

namespace waitstate::client {

/// Requests as they go over the wire, and how many replies they get.
struct redis_request {
  std::string bytes;
  std::size_t replies = 0;
  std::string secret;  ///< Never to be seen in an error: the password of a greeting.
};
using redis_request_ptr = std::shared_ptr<const redis_request>;

[[nodiscard]] result<redis_request_ptr> make_request(const std::vector<redis_command>& commands);

/// What has happened so far, for whoever decides about a retry. Outlives the exchange.
struct redis_progress {
  std::size_t bytes_written = 0;
  std::size_t bytes_read = 0;
  time_point sent;
  time_point first_byte;
  std::optional<time_point> answer_ends;  ///< The connection's deadline once the answer comes.
};

/// Writes and then reads as many replies, in order. Both end when somebody shuts the connection
/// down, as the pool does past its deadline.
///
/// Fails as connection::why_failed() says when it ends, and with errc::corrupt for what is not
/// RESP2 or past the limits: "redis 10.0.0.7:6379: read: End of file, after 12 of 100 replies".
[[nodiscard]] task<std::vector<redis_reply>> exchange(connection_ptr over, redis_request_ptr what,
                                                      redis_limits limits,
                                                      std::shared_ptr<redis_progress> progress);

/// One more message that nobody asked for by a request: of a subscription.
[[nodiscard]] task<redis_reply> receive(connection_ptr over, redis_limits limits);

/// Was everything read that came? Only then may the connection serve another.
[[nodiscard]] bool is_at_boundary(connection& over);

/// What a new connection says first: AUTH, SELECT and CLIENT SETNAME, as far as they are set.
[[nodiscard]] result<redis_request_ptr> greeting(const redis_settings& settings);

/// The text of an error for a message: nothing that a terminal obeys, and without the secret, which
/// servers that do not know AUTH repeat.
[[nodiscard]] std::string told_by(const redis_reply& error, std::string_view secret = {});

/// Sends the greeting. Fails with errc::permission when the server refuses it.
[[nodiscard]] task<> greet(connection_ptr over, redis_request_ptr what, redis_limits limits);

}  // namespace waitstate::client
