#include "http/http_counts.h"

namespace waitstate::sidecar {

std::vector<figure> figures_of(const http_counts& c) {
  return {
      {.name = "http_requests_total", .count = c.requests},
      {.name = "http_requests_over_reused_total", .count = c.reused},
      {.name = "http_retries_total", .count = c.repeated},
      {.name = "http_retries_helped_total", .count = c.helped},
      {.name = "http_responses_total", .label = "class", .value = "2xx", .count = c.by_class[2]},
      {.name = "http_responses_total", .label = "class", .value = "3xx", .count = c.by_class[3]},
      {.name = "http_responses_total", .label = "class", .value = "4xx", .count = c.by_class[4]},
      {.name = "http_responses_total", .label = "class", .value = "5xx", .count = c.by_class[5]},
      {.name = "http_responses_total",
       .label = "class",
       .value = "other",
       .count = c.by_class[0] + c.by_class[1]},
      {.name = "http_own_responses_total", .count = c.own},
      {.name = "http_requests_refused_total", .count = c.refused},
      {.name = "http_responses_broken_off_total", .count = c.broken_off},
      {.name = "http_clients_gone_total", .count = c.clients_gone},
      {.name = "http_responses_drained_total", .count = c.drained},
      {.name = "http_connections_not_kept_total", .count = c.irregular},
      {.name = "http_tunnels_total", .count = c.tunnels},
      {.name = "http_bytes_to_clients_total", .count = c.bytes_to_clients},
  };
}

}  // namespace waitstate::sidecar
