#pragma once

#include <unistd.h>

#include <functional>
#include <string_view>

#include "waitstate/client/thrift/thrift_frame.h"

namespace waitstate::client {

/// Hands over each frame that a client sends, until `on_frame` says false, the client closes, or
/// what it sends is no frame.
inline void for_each_frame(int socket, const std::function<bool(std::string_view)>& on_frame) {
  thrift_frame_reader reader;
  while (const auto frame = reader.next()) {
    if (*frame) {
      if (!on_frame(**frame)) return;
      continue;
    }
    const auto space = reader.space();
    const auto got = ::read(socket, space.data(), space.size());
    if (got <= 0) return;
    reader.received(static_cast<std::size_t>(got));
  }
}

}  // namespace waitstate::client
