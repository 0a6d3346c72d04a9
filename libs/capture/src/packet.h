#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "waitstate/tcp/endpoint.h"

namespace waitstate::capture {

/// A TCP segment, as far as its headers tell.
struct packet {
  tcp::endpoint from;
  tcp::endpoint to;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;  ///< Where `ack` is set.
  std::uint32_t payload = 0;       ///< Bytes, by the headers: the capture may hold fewer.
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
  /// The capture says which way it went: this host sent it, or got it.
  std::optional<bool> sent_here;

  friend bool operator==(const packet&, const packet&) = default;
};

/// Reads a frame of libpcap's link type `link_type` (DLT_*): Ethernet with VLAN tags, Linux
/// "cooked" of both versions, loopback of BSD, and bare IP. Nothing where it is no TCP, a later
/// fragment, cut before the end of the TCP header, or of another link type. Any bytes are safe.
[[nodiscard]] std::optional<packet> decode(int link_type, std::span<const std::uint8_t> frame);

}  // namespace waitstate::capture
