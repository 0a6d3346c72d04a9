#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/tcp/address.h"

namespace waitstate::tcp {

/// An address and a port. Port 0 means "any" or "not known".
struct endpoint {
  tcp::address address;
  std::uint16_t port = 0;

  friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

/// The 4-tuple that names one connection.
struct flow {
  endpoint local;
  endpoint remote;

  friend auto operator<=>(const flow&, const flow&) = default;
};

/// Reads a numeric endpoint as a person types one: "10.0.0.7:80", "[fe80::1]:80",
/// "fe80::1" and "10.0.0.7" (port 0), ":80" (any address). The readers of other tools'
/// output have their own forms; this one is for options.
[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string_view text);

/// "10.0.0.7:80", "[fe80::1]:80"; "*" for a port of 0 and for an address that is any or unknown.
[[nodiscard]] std::string to_string(const endpoint& e);

/// A decimal port from 0 to 65535 with nothing before or after it.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text);

}  // namespace waitstate::tcp

template <>
struct std::hash<waitstate::tcp::endpoint> {
  std::size_t operator()(const waitstate::tcp::endpoint& e) const noexcept {
    return (std::hash<waitstate::tcp::address>{}(e.address) ^ e.port) * 0x9e3779b97f4a7c15ULL;
  }
};
