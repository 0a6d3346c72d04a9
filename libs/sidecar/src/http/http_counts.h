#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "front/service.h"

namespace waitstate::sidecar {

/// What an HTTP route counts, of one loop and its thread alone; the sum over the loops is shown.
struct http_counts {
  std::uint64_t requests = 0;
  std::uint64_t reused = 0;    ///< Answered over a connection that had served another request.
  std::uint64_t repeated = 0;  ///< Attempts past the first of a request.
  std::uint64_t helped = 0;    ///< Requests that were answered by such an attempt.
  std::array<std::uint64_t, 6> by_class{};  ///< Responses of servers by status / 100; 0: others.
  std::uint64_t own = 0;                    ///< Responses that were the sidecar's own: errors.
  std::uint64_t refused = 0;                ///< Of these, requests that were none beyond doubt.
  std::uint64_t broken_off = 0;             ///< Responses that had begun and did not end.
  std::uint64_t clients_gone = 0;           ///< Clients that went away before their response's end.
  std::uint64_t drained = 0;    ///< Of these, responses read to the end, and the connection kept.
  std::uint64_t irregular = 0;  ///< Connections to servers that could not be kept after a response.
  std::uint64_t tunnels = 0;
  std::uint64_t bytes_to_clients = 0;
};

[[nodiscard]] std::vector<figure> figures_of(const http_counts& c);

}  // namespace waitstate::sidecar
