#pragma once

#include <optional>
#include <string_view>

#include "waitstate/snapshot/connection_pool.h"

namespace waitstate::paste {

/// A line that shows a pool with its numbers, as libraries print them in logs and in errors:
///   HikariPool-1 - Pool stats (total=10, active=10, idle=0, waiting=23)
///   none available[size:100; busy:100; idle:0; lastwait:30000]
///   QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30
/// A size that the line gives only as what there is at present is one where somebody waits for
/// more.
[[nodiscard]] std::optional<connection_pool> read_pool_line(std::string_view line);

/// One number of a pool, as a metric names it: Prometheus' text, an actuator's JSON, or JMX.
///   hikaricp_connections_active{pool="HikariPool-1",} 10.0
///   {"name":"hikaricp.connections.active","measurements":[{"statistic":"VALUE","value":10.0}]}
///   ThreadsAwaitingConnection = 5;
/// The other fields are nullopt.
[[nodiscard]] std::optional<connection_pool> read_pool_metric(std::string_view line);

}  // namespace waitstate::paste
