#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

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
  std::uint64_t number = 0;  ///< Of this process, for the admin's lists.
  /// The process at the other end of a unix socket; 0 for TCP, whose ends are found by the port.
  std::int64_t pid = 0;
  std::uint16_t port = 0;  ///< The client's, of TCP.
  time_point since{};      ///< When it was accepted.
  /// When what is awaited of it now has to have come, or gone out; time_point::max() for none. The
  /// loop shuts the socket down soon after that, which ends the operation: no timer is armed for a
  /// request.
  time_point deadline = time_point::max();
  /// Since when it waits for its next request, where its deadline is `idle_max` from then on.
  [[nodiscard]] time_point idle_since(duration idle_max) const {
    return deadline == time_point::max() ? time_point::max() : deadline - idle_max;
  }

  /// Ends the operations that are under way. A FIN tells it to the client, but for one that has
  /// ended itself: it would wait in TIME-WAIT then, and is told by the close, which may be a reset.
  void end_operations() {
    boost::system::error_code ignored;
    if (has_ended) {
      std::ignore = socket.cancel(ignored);
    } else {
      std::ignore = socket.shutdown(asio::socket_base::shutdown_both, ignored);
    }
  }

  bool is_idle = true;     ///< It waits for its next request, and can be let go without a loss.
  bool has_ended = false;  ///< It has sent its FIN: it closed first, or sends no more.
  std::uint64_t requests = 0;
  /// The connection of its own that it holds: "10.0.0.5:6379 (MULTI)"; empty: none.
  std::string pinned;
};

using client_ptr = std::shared_ptr<client_connection>;

/// Something that is counted, as Prometheus names it, without the "waitstate_sidecar_" before it
/// and the route's name, which are added: "http_responses_total" with class="2xx".
struct figure {
  std::string_view name;
  std::string_view label = {};  ///< Empty: it has none but the route's.
  std::string_view value = {};
  std::uint64_t count = 0;
};

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
  /// "Connection: close" on its next response, Redis between two commands. Those that are idle are
  /// shut down by the loop.
  virtual void drain() = 0;

  /// Connections to servers that could not be kept after a response, since it was made.
  [[nodiscard]] virtual std::uint64_t connections_not_kept() const { return 0; }

  /// What it has counted since it was made.
  [[nodiscard]] virtual std::vector<figure> figures() const = 0;
};

}  // namespace waitstate::sidecar
