#pragma once

#include <cstdint>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// The ports that the kernel gives to outgoing connections. Each can be used once per pair of
/// source address and destination.
struct port_range {
  std::uint16_t first = 32'768;
  std::uint16_t last = 60'999;

  [[nodiscard]] std::uint32_t size() const { return std::uint32_t{last} - first + 1; }

  friend bool operator==(const port_range&, const port_range&) = default;
};

/// "32768\t60999\n", as the kernel writes it. Fails with errc::corrupt.
[[nodiscard]] result<port_range> parse_port_range(std::string_view text);

/// From /proc/sys/net/ipv4/ip_local_port_range, of the caller's network namespace.
[[nodiscard]] result<port_range> read_port_range();

}  // namespace waitstate::client
