#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate {

/// The remote ends that a person means: an address, a network, a name as a paste shows it, and a
/// port, or only a port.
struct peer_pattern {
  tcp::address address;          ///< None: every address, or `name`.
  std::uint8_t prefix_bits = 0;  ///< How many bits of `address` count; all of them for one address.
  std::string name;              ///< As pasted ("db.internal", "XX.XX.XX.XX"); or empty.
  std::uint16_t port = 0;        ///< 0: every port.

  friend bool operator==(const peer_pattern&, const peer_pattern&) = default;
};

/// Reads "10.0.0.7", "10.0.0.7:5432", "[fe80::1]:80", ":443", "10.0.0.0/8", "fe80::/10",
/// "db.internal", "db.internal:3306". The bits of a network past its prefix are cleared. Fails with
/// errc::invalid_input; `what` starts with the text in quotes.
[[nodiscard]] result<peer_pattern> parse_peer(std::string_view text);

/// What parse_peer() reads as the same.
[[nodiscard]] std::string to_string(const peer_pattern& p);

/// Does it mean this remote end? `name` is what a `named` address stands for.
[[nodiscard]] bool matches(const peer_pattern& p, const tcp::endpoint& remote,
                           std::string_view name);

}  // namespace waitstate
