#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "http/exchange.h"

namespace waitstate::sidecar {

/// A request as a line of name=value, for the access log:
///
///     time=2026-11-30T16:02:01.123Z route=api client="port 41712" request="GET /x" status=200
///     bytes=13 ms=0.412 waited_ms=0.010 server=10.0.0.5:80 reused=yes tries=1
///
/// and `why=...` where the server's connection was not kept, or the answer is the sidecar's own.
[[nodiscard]] std::string access_line(const exchange& x, std::string_view route,
                                      std::string_view request, duration took,
                                      std::chrono::system_clock::time_point ended);

}  // namespace waitstate::sidecar
