#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace waitstate {

/// A pool as its gauges, or the errors of who waited for it, show it: a client's connections, a
/// proxy's to one back end, or a server's workers. What was not shown is nullopt.
struct connection_pool {
  std::string program;  ///< What keeps it: "HikariCP", "HAProxy", "Tomcat"; or empty.
  std::string name;     ///< "HikariPool-1", "app/srv1"; or empty.
  bool of_workers = false;
  std::optional<std::uint64_t> leased;
  std::optional<std::uint64_t> idle;
  std::optional<std::uint64_t> waiting;  ///< Callers that wait for one.
  std::optional<std::uint64_t> size;     ///< How many it may have.
  std::uint64_t refused = 0;             ///< Errors of callers that got none.

  /// Each is out, as far as the numbers tell.
  [[nodiscard]] bool is_out() const { return size && *size > 0 && leased && *leased >= *size; }

  friend bool operator==(const connection_pool&, const connection_pool&) = default;
};

/// The worse of two looks at one pool, field by field; errors add up. Who it is stays.
void take_worse(connection_pool& known, const connection_pool& other);

}  // namespace waitstate
