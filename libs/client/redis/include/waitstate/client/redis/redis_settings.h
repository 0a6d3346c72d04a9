#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// What one reply may be; more is errc::corrupt and ends the connection. A pipeline and a
/// transaction hold all of their replies until the last has come. A status, an error and a number
/// may have 64 KiB whatever is set here.
struct redis_limits {
  std::size_t reply_bytes_max = std::size_t{512} << 20;  ///< As a server's own limit for a string.
  std::size_t elements_max = 1'000'000;                  ///< Of all its arrays together.
  /// What comes for one pipeline, its replies together, as it is on the wire.
  std::size_t pipeline_bytes_max = std::size_t{512} << 20;
};

struct redis_settings {
  /// One server, or a primary and its replicas, in any order: which is which is asked. At most 64.
  std::vector<endpoint> endpoints{};
  std::string username{};      ///< With a password only; empty: the default user.
  std::string password{};      ///< Empty: no AUTH.
  std::uint32_t database = 0;  ///< SELECTed on each new connection.
  std::string client_name{};   ///< Shown by CLIENT LIST; letters without blanks.
  redis_limits limits{};       ///< What one reply may be.
  /// With several endpoints: how often each is asked for its role. It is also asked, at most every
  /// 50 ms, when a server refuses or cannot be reached.
  duration role_interval = std::chrono::seconds(1);
  duration role_time_max = std::chrono::milliseconds(500);  ///< For each answer.
  /// For each of the two clusters, that for writes and that for reads; "name write" and "name read"
  /// are their names. A `prepare` of its own runs before the greeting here.
  cluster_settings cluster = {.name = "redis"};
};

}  // namespace waitstate::client
