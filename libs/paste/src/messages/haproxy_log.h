#pragma once

#include <optional>
#include <string_view>

#include "waitstate/snapshot/message.h"

namespace waitstate::paste {

/// How a session ended, as HAProxy's log of HTTP or TCP says it in its termination code. Views
/// point into the line.
///   ... http-in app/srv1 10/30000/-1/-1/30010 503 217 - - sQ-- 212/200/180/30/0 0/41 "GET /
///   HTTP/1.1"
struct haproxy_end {
  message_kind kind = message_kind::connect_timed_out;
  std::string_view server;  ///< "app/srv1".
};

/// Nothing for a session that ended well, by the client's doing, or because the server answered too
/// late, which says nothing of its sockets.
[[nodiscard]] std::optional<haproxy_end> read_haproxy_end(std::string_view line);

}  // namespace waitstate::paste
