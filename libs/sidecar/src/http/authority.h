#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::sidecar {

/// Whom a request is for, "HOST" or "HOST:PORT". A host is a name of letters, digits, '-', '.',
/// '_' and '~', or an address of IPv6 in brackets; a port is 1 to 65535. No user, no escapes.
struct authority {
  std::string_view host;   ///< With its brackets.
  std::uint16_t port = 0;  ///< 0: none is given.
};

[[nodiscard]] std::optional<authority> authority_of(std::string_view text);

/// Whether both are the same, in whatever case, where `port_usual` is meant when none is given.
[[nodiscard]] bool is_same(const authority& a, const authority& b, std::uint16_t port_usual);

}  // namespace waitstate::sidecar
