#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::sidecar {

namespace asio = boost::asio;
using client::duration;
using client::time_point;

/// A client that has connected to a front. Of one loop, and of its thread alone.
struct client_connection {
  using socket_type = asio::generic::stream_protocol::socket;

  explicit client_connection(socket_type s) : socket(std::move(s)) {}

  socket_type socket;
  std::uint64_t number = 0;  ///< Of this process, for the log and the admin's lists.
  std::string from;          ///< "127.0.0.1:41712", or "unix" with the peer's pid and command.
  time_point since{};        ///< When it was accepted.
  /// Since when it waits for its next request; time_point::max() while a request is under way. The
  /// loop closes those that wait for too long, without a timer each.
  time_point idle_since = time_point::max();
  std::uint64_t requests = 0;
  /// What it holds of its own, "10.0.0.5:6379 (MULTI)"; empty: nothing.
  std::string pinned;
};

using client_ptr = std::shared_ptr<client_connection>;

/// What a route does with its clients: one protocol. Of one loop, and of its thread alone.
class service {
 public:
  service() = default;
  service(const service&) = delete;
  service& operator=(const service&) = delete;
  virtual ~service() = default;

  /// Serves one client until it or the service ends; its socket is closed afterwards. Throws
  /// nothing.
  virtual asio::awaitable<void> serve(client_ptr who) = 0;

  /// From now on each client is let go at the first moment that loses nothing: HTTP with
  /// "Connection: close" on its next response, Redis between two commands. Idle ones that can be
  /// closed at once are closed by the loop.
  virtual void drain() = 0;
};

}  // namespace waitstate::sidecar
