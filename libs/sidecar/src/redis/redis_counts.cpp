#include "redis/redis_counts.h"

namespace waitstate::sidecar {

std::vector<figure> figures_of(const redis_counts& c) {
  return {
      {.name = "redis_requests_total", .count = c.requests},
      {.name = "redis_requests_answered_here_total", .count = c.answered_here},
      {.name = "redis_requests_repeated_total", .count = c.retried},
      {.name = "redis_requests_failed_total", .count = c.failed},
      {.name = "redis_replies_drained_total", .count = c.drained},
      {.name = "redis_connections_taken_total", .count = c.links},
      {.name = "redis_connections_lost_total", .count = c.links_lost},
      {.name = "redis_pins_total", .count = c.pins},
      {.name = "redis_clients_too_slow_total", .count = c.slow_clients},
      {.name = "redis_clients_refused_total", .count = c.protocol_errors},
  };
}

}  // namespace waitstate::sidecar
