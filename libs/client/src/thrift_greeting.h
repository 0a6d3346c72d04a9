#pragma once

#include <cstdint>
#include <optional>

#include "waitstate/client/connection.h"

namespace waitstate::client {

/// What is remembered of a connection that carries framed Thrift.
struct thrift_connection {
  bool is_upgraded = false;
  /// The number of the last oneway message: some servers answer one that they do not understand.
  std::optional<std::int32_t> last_oneway;
};

/// Made when the connection has none.
[[nodiscard]] thrift_connection& thrift_state(connection& of);

}  // namespace waitstate::client
