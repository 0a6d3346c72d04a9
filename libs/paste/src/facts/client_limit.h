#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "waitstate/snapshot/connection_pool.h"

namespace waitstate::paste {

/// Reads what a server says of its clients and of how many it takes: Redis' INFO and CONFIG GET
/// ("connected_clients:9800", "maxclients:10000"), the status and variables of MySQL
/// ("Threads_connected", "max_connections"), memcached's stats ("STAT curr_connections 1024").
class client_limit {
 public:
  /// Takes a line of these.
  bool read(std::string_view line);
  /// The server's connections as a pool, when both numbers were there.
  [[nodiscard]] std::optional<connection_pool> clients() const;

 private:
  std::string_view program_;  ///< A literal.
  std::optional<std::uint64_t> connected_;
  std::optional<std::uint64_t> most_;
  bool limit_follows_ = false;  ///< "1) "maxclients"": its value is on the next line.
};

}  // namespace waitstate::paste
