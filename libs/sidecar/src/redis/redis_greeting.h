#pragma once

#include <string>
#include <string_view>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/connection.h"

namespace waitstate::sidecar {

/// What this proxy says to a server of who it is.
struct redis_credentials {
  std::string user;      ///< Empty: "default".
  std::string password;  ///< Empty: none is sent.
};

/// How a connection to a server has to be before requests go over it.
struct redis_place {
  int protocol = 2;  ///< 2 or 3.
  int database = 0;

  friend bool operator==(const redis_place&, const redis_place&) = default;
};

/// How it is, kept with the connection (client::connection::protocol_state()) while the pool has
/// it.
struct redis_standing {
  redis_place at;
  std::string hello;  ///< What the server answered to HELLO: a whole reply, an error included.
};

/// The server's own words, where it refused: a whole reply; empty where it was not the server.
struct redis_refusal {
  std::string reply;
};

/// Makes a connection of the pool, new or used before, what `wanted` says: HELLO and AUTH, where it
/// was not greeted so, and SELECT. A server that knows no HELLO (before 6.0) is spoken to in RESP2.
///
/// Fails with the reason, and puts what the server said into `refusal`, which must outlive it.
[[nodiscard]] client::task<> greet(client::connection_ptr over, redis_place wanted,
                                   redis_credentials as, std::shared_ptr<redis_refusal> refusal);

/// An array of bulk strings: how a request is written.
[[nodiscard]] std::string redis_request(std::initializer_list<std::string_view> words);

}  // namespace waitstate::sidecar
