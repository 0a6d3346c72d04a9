#pragma once

#include <cstdint>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::diagnosis {

/// Connections that a program opened, that are still ESTABLISHED, and whose peer's bytes it has not
/// read for seconds: a response whose body is not consumed, or a stream that nobody reads.
struct unread_response {
  std::uint32_t net_namespace = 0;
  owner_ref owner;
  tcp::endpoint destination;
  std::uint64_t count = 0;        ///< With bytes that stand unread.
  std::uint64_t established = 0;  ///< All to that destination.
  std::uint64_t unread_bytes = 0;
  std::uint32_t unread_for_ms = 0;  ///< The longest.
};

/// Three or more to one destination, the longest for five seconds or more: a program that is at
/// work reads within milliseconds. The most bytes first. Only where the source shows times.
[[nodiscard]] std::vector<unread_response> unread_responses(const snapshot& s);

}  // namespace waitstate::diagnosis
