#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "waitstate/client/http/http_message.h"

namespace waitstate::client {

/// How a response ended that was read in one look.
struct quick_response {
  std::size_t used = 0;  ///< Bytes, its body included.
  bool keeps_connection = true;
};

/// Reads a response of the usual kind, which is there as a whole: HTTP/1.1, a final status with a
/// body of a known length, no transfer coding, nothing in it that takes a second look. Nothing, and
/// `into` is in no particular state, where it is any other: then the parser has to read it, which
/// would read this one the same. Pure.
[[nodiscard]] std::optional<quick_response> read_quickly(std::string_view bytes,
                                                         const http_limits& limits,
                                                         http_response& into);

}  // namespace waitstate::client
