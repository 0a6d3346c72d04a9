#include "packet.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace waitstate::capture {
namespace {

using bytes = std::span<const std::uint8_t>;

// pcap/dlt.h; the numbers are a file format's and never change.
constexpr int link_null = 0;
constexpr int link_ethernet = 1;
constexpr int link_raw = 12;
constexpr int link_raw_of_openbsd = 14;
constexpr int link_loop = 108;
constexpr int link_cooked = 113;
constexpr int link_ipv4 = 228;
constexpr int link_ipv6 = 229;
constexpr int link_cooked_2 = 276;

constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_ipv6 = 0x86DD;
constexpr std::uint8_t protocol_tcp = 6;

std::uint16_t number16(bytes b, std::size_t at) {
  return static_cast<std::uint16_t>(b[at] << 8U | b[at + 1]);
}

std::uint32_t number32(bytes b, std::size_t at) {
  return std::uint32_t{number16(b, at)} << 16U | number16(b, at + 2);
}

/// An IP packet, and which way it went.
struct network_packet {
  bytes ip;
  std::optional<bool> sent_here;
};

std::optional<network_packet> behind(bytes frame, std::size_t header) {
  if (frame.size() < header) return std::nullopt;
  return network_packet{.ip = frame.subspan(header), .sent_here = {}};
}

std::optional<network_packet> of_ethernet(bytes frame) {
  constexpr std::size_t addresses = 12;
  std::size_t type_at = addresses;
  constexpr int tags_max = 3;
  for (int tags = 0; tags <= tags_max; ++tags) {
    if (frame.size() < type_at + 2) return std::nullopt;
    const auto type = number16(frame, type_at);
    if (type == type_ipv4 || type == type_ipv6) return behind(frame, type_at + 2);
    if (type != 0x8100 && type != 0x88A8 && type != 0x9100) return std::nullopt;
    type_at += 4;
  }
  return std::nullopt;
}

/// Linux' pseudo header says which way a packet went: 0 is for this host, 4 from it.
std::optional<network_packet> of_cooked(bytes frame, std::size_t header, std::uint16_t way) {
  auto found = behind(frame, header);
  if (found && (way == 0 || way == 4)) found->sent_here = way == 4;
  return found;
}

std::optional<network_packet> network_of(int link_type, bytes frame) {
  switch (link_type) {
    case link_ethernet: return of_ethernet(frame);
    case link_raw:
    case link_raw_of_openbsd:
    case link_ipv4:
    case link_ipv6: return behind(frame, 0);
    case link_null:
    case link_loop: return behind(frame, 4);
    case link_cooked:
      return frame.size() < 16 ? std::nullopt : of_cooked(frame, 16, number16(frame, 0));
    case link_cooked_2: return frame.size() < 20 ? std::nullopt : of_cooked(frame, 20, frame[10]);
    default: return std::nullopt;
  }
}

/// What stands behind the IP header, and how long it is by that header.
struct transport {
  tcp::address from;
  tcp::address to;
  bytes segment;
  std::size_t length = 0;
};

std::optional<transport> of_ipv4(bytes ip) {
  constexpr std::size_t shortest = 20;
  if (ip.size() < shortest) return std::nullopt;
  const std::size_t header = (ip[0] & 0x0FU) * std::size_t{4};
  const bool later_fragment = (number16(ip, 6) & 0x1FFFU) != 0;
  if (header < shortest || ip.size() < header || ip[9] != protocol_tcp || later_fragment) {
    return std::nullopt;
  }
  const auto address_at = [&](std::size_t at) {
    return tcp::address::v4({ip[at], ip[at + 1], ip[at + 2], ip[at + 3]});
  };
  // 0 where the card was left to cut a larger segment.
  const std::size_t said = number16(ip, 2);
  const auto length = said == 0 ? ip.size() : said;
  if (length < header) return std::nullopt;
  return transport{.from = address_at(12),
                   .to = address_at(16),
                   .segment = ip.subspan(header),
                   .length = length - header};
}

std::optional<transport> of_ipv6(bytes ip) {
  constexpr std::size_t header = 40;
  if (ip.size() < header) return std::nullopt;
  const auto address_at = [&](std::size_t at) {
    std::array<std::uint8_t, 16> address{};
    std::ranges::copy(ip.subspan(at, address.size()), address.begin());
    return tcp::address::v6(address);
  };
  const std::size_t said = number16(ip, 4);
  auto length = said == 0 ? ip.size() - header : said;
  auto next = ip[6];
  auto rest = ip.subspan(header);
  // Hop-by-hop, routing and destination options say their length; a fragment is not followed.
  constexpr int extensions_max = 8;
  for (int i = 0; i < extensions_max && (next == 0 || next == 43 || next == 60); ++i) {
    if (rest.size() < 8) return std::nullopt;
    const std::size_t size = (rest[1] + 1U) * std::size_t{8};
    if (rest.size() < size || length < size) return std::nullopt;
    next = rest[0];
    rest = rest.subspan(size);
    length -= size;
  }
  if (next != protocol_tcp) return std::nullopt;
  return transport{.from = address_at(8), .to = address_at(24), .segment = rest, .length = length};
}

}  // namespace

std::optional<packet> decode(int link_type, std::span<const std::uint8_t> frame) {
  const auto network = network_of(link_type, frame);
  if (!network || network->ip.empty()) return std::nullopt;
  const auto version = network->ip[0] >> 4U;
  const auto t =
      version == 4 ? of_ipv4(network->ip) : (version == 6 ? of_ipv6(network->ip) : std::nullopt);
  constexpr std::size_t shortest = 20;
  if (!t || t->segment.size() < shortest) return std::nullopt;
  const auto& segment = t->segment;
  const std::size_t header = (segment[12] >> 4U) * std::size_t{4};
  if (header < shortest || t->length < header) return std::nullopt;
  const auto flags = segment[13];
  const packet made{.from = {.address = t->from, .port = number16(segment, 0)},
                    .to = {.address = t->to, .port = number16(segment, 2)},
                    .sequence = number32(segment, 4),
                    .acknowledged = number32(segment, 8),
                    .payload = static_cast<std::uint32_t>(t->length - header),
                    .syn = (flags & 0x02U) != 0,
                    .ack = (flags & 0x10U) != 0,
                    .fin = (flags & 0x01U) != 0,
                    .rst = (flags & 0x04U) != 0,
                    .sent_here = network->sent_here};
  if (made.from.port == 0 || made.to.port == 0) return std::nullopt;
  return made;
}

}  // namespace waitstate::capture
