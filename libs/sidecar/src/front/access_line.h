#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "front/service.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::sidecar {

/// What became of one request, for the access log.
struct access_entry {
  std::string_view route;
  std::string_view request;  ///< "GET /x", or the method of a Thrift call.
  std::string_view status;   ///< "200"; of Thrift "reply", "exception", "oneway", "failed".
  std::uint64_t bytes = 0;   ///< To the client.
  duration took{0};
  std::optional<duration> waited;  ///< The part of it until there was a connection, where known.
  std::optional<client::endpoint> server;  ///< Of the last try; nothing when none was reached.
  bool was_reused = false;                 ///< The connection had served a request before.
  std::uint32_t tries = 0;
  bool is_client_gone = false;
  std::string_view why;  ///< Empty: all is as usual.
};

/// A request as a line of name=value:
///
///     time=2026-11-30T16:02:01.123Z route=api client="port 41712" request="GET /x" status=200
///     bytes=13 ms=0.412 waited_ms=0.010 server=10.0.0.5:80 reused=yes tries=1
///
/// and `why=...` where the server's connection was not kept, or the answer is the sidecar's own.
[[nodiscard]] std::string access_line(const access_entry& e, const client_connection& who,
                                      std::chrono::system_clock::time_point ended);

}  // namespace waitstate::sidecar
