#include "thrift/thrift_counts.h"

namespace waitstate::sidecar {

std::vector<figure> figures_of(const thrift_counts& c) {
  return {
      {.name = "thrift_calls_total", .count = c.calls},
      {.name = "thrift_calls_over_reused_total", .count = c.reused},
      {.name = "thrift_retries_total", .count = c.repeated},
      {.name = "thrift_retries_helped_total", .count = c.helped},
      {.name = "thrift_exceptions_total", .count = c.exceptions},
      {.name = "thrift_oneway_calls_total", .count = c.oneway},
      {.name = "thrift_calls_failed_total", .count = c.failed},
      {.name = "thrift_clients_refused_total", .count = c.refused},
      {.name = "thrift_replies_drained_total", .count = c.drained},
  };
}

}  // namespace waitstate::sidecar
