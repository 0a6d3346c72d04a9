#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/sidecar/sidecar.h"

namespace waitstate::sidecar {

/// What the admin's server asks for and does; called on its thread, one at a time.
struct admin_hooks {
  std::function<std::vector<route_status>()> status;
  std::function<result<>(const std::string& route, const client::endpoint& server, server_order)>
      steer;
  /// Reads the file again.
  std::function<result<>()> reload;
  /// For another sidecar that takes this one's place, which then asks for the end.
  std::function<result<handed_sockets>()> hand_over;
  /// Drains and ends, soon; another one has its sockets.
  std::function<void()> end_replaced;
};

/// Answers about a running sidecar in HTTP/1.1, and takes orders on its unix socket:
///
///     GET /status     everything, as JSON
///     GET /metrics    Prometheus' text format
///     GET /healthz    200 as long as there is somebody to answer
///     GET /readyz     200 when each route has a server that is not ejected, else 503 and which
///     POST /servers   {"route": "api", "server": "10.0.0.5:80", "order": "drain"}, or kill, ready
///     POST /reload
///     POST /hand-over answered by the listening sockets themselves; see ask_for_sockets()
///     POST /replaced  the one that got them serves: this one drains and ends
///
/// The address of `status` answers GETs alone. The unix socket is for us and our group. At most 32
/// connections at a time, a request of at most 8 KiB in at most five seconds.
class admin_server {
 public:
  /// `path` of the unix socket, empty: none; `status`: the address for GETs, or none.
  static result<std::unique_ptr<admin_server>> start(const std::string& path,
                                                     const std::optional<client::endpoint>& status,
                                                     admin_hooks hooks);
  ~admin_server();
  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;

 private:
  struct state;
  explicit admin_server(std::unique_ptr<state> made);

  std::unique_ptr<state> state_;
};

}  // namespace waitstate::sidecar
