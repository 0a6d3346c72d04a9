#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// Where a server listens: a host (name or address) and port, or the path of a unix socket.
struct endpoint {
  std::string host{};      ///< Never bracketed; a unix socket's path starts with '/'.
  std::uint16_t port = 0;  ///< 0 for a unix socket.

  [[nodiscard]] bool is_unix() const { return host.starts_with('/'); }

  friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

/// Reads "host:port", "[v6-address]:port", "unix:/path" and "/path". Does not resolve the name.
///
/// Fails with errc::invalid_input; the message quotes `text` and says which part is wrong.
[[nodiscard]] result<endpoint> parse_endpoint(std::string_view text);

/// The inverse: parse_endpoint(to_string(e)) == e for every valid `e`.
[[nodiscard]] std::string to_string(const endpoint& e);

}  // namespace waitstate::client
