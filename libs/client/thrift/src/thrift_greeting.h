#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "waitstate/client/core/connection.h"

namespace waitstate::client {

/// What is remembered of a connection that carries framed Thrift.
struct thrift_connection {
  static constexpr std::size_t oneways_max = 64;

  bool is_upgraded = false;
  /// The numbers of the oneway messages since the last call, the latest: some servers answer those
  /// that they do not understand.
  std::deque<std::int32_t> oneways;
};

/// Made when the connection has none.
[[nodiscard]] thrift_connection& thrift_state(connection& of);

}  // namespace waitstate::client
