#pragma once

#include <cstdint>
#include <vector>

#include "front/service.h"

namespace waitstate::sidecar {

/// What a Redis route counts, of one loop and its thread alone; the sum over the loops is shown.
struct redis_counts {
  std::uint64_t clients = 0;
  std::uint64_t requests = 0;         ///< Those answered here included.
  std::uint64_t answered_here = 0;    ///< HELLO, AUTH, SELECT, CLIENT ..., errors of this proxy.
  std::uint64_t pins = 0;             ///< A client got a connection of its own.
  std::uint64_t links = 0;            ///< Connections taken to share or to pin.
  std::uint64_t links_lost = 0;       ///< Of those, that ended while requests waited.
  std::uint64_t retried = 0;          ///< Requests sent again over another connection.
  std::uint64_t failed = 0;           ///< Requests that got an error of this proxy instead.
  std::uint64_t drained = 0;          ///< Replies whose client was gone.
  std::uint64_t slow_clients = 0;     ///< Closed, since replies for them had heaped up.
  std::uint64_t protocol_errors = 0;  ///< Clients closed that did not speak Redis' protocol.
};

[[nodiscard]] std::vector<figure> figures_of(const redis_counts& c);

}  // namespace waitstate::sidecar
