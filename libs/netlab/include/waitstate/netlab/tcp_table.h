#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::netlab {

// States as /proc/net/tcp writes them.
inline constexpr std::string_view time_wait = "06";
inline constexpr std::string_view close_wait = "08";

/// IPv4 sockets of this network namespace in that state, of all ports or with `port` on either
/// side.
[[nodiscard]] int count_sockets(std::string_view state, std::optional<std::uint16_t> port = {});

/// The same, where `port` is the other side's: what those who connected to it hold.
[[nodiscard]] int count_sockets_to(std::uint16_t port, std::string_view state);

}  // namespace waitstate::netlab
