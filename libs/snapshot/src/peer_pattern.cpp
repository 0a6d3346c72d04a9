#include "waitstate/snapshot/peer_pattern.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace waitstate {
namespace {

using tcp::address;

unsigned bits_of(const address& a) {
  return a.what() == address::kind::v4 ? 32 : 128;
}

address cut_to(const address& a, unsigned bits) {
  auto bytes = a.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto kept = bits > i * 8 ? bits - i * 8 : 0;
    if (kept < 8) bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> kept));
  }
  if (a.what() == address::kind::v6) return address::v6(bytes);
  return address::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
}

failure refused(std::string_view text, std::string_view why, std::string hint) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("'{}' {}", text, why),
                  .hint = std::move(hint)});
}

result<peer_pattern> parse_network(std::string_view text, std::size_t slash) {
  const auto base = tcp::parse_address(text.substr(0, slash));
  if (!base) return refused(text, "is not a network", "10.0.0.0/8, fe80::/10");
  unsigned bits = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data() + slash + 1, end, bits);
  if (status != std::errc{} || rest != end || bits > bits_of(*base)) {
    return refused(text, "is not a network",
                   fmt::format("behind the slash is a number from 0 to {}", bits_of(*base)));
  }
  // Cutting ::ffff:0:0/x would make it another kind of address; IPv4 is written as IPv4.
  const auto cut = cut_to(*base, bits);
  return peer_pattern{.address = cut, .prefix_bits = static_cast<std::uint8_t>(bits)};
}

peer_pattern parse_name(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon != text.npos && colon > 0) {
    const auto port = tcp::parse_port(text.substr(colon + 1));
    if (port.value_or(0) != 0) {
      return {.name = std::string(text.substr(0, colon)), .port = *port};
    }
  }
  return {.name = std::string(text)};
}

}  // namespace

result<peer_pattern> parse_peer(std::string_view text) {
  if (const auto slash = text.find('/'); slash != text.npos) return parse_network(text, slash);
  if (const auto whole = tcp::parse_endpoint(text)) {
    const auto& [address, port] = *whole;
    if (!address.is_known() && port == 0) {
      return refused(text, "is every peer", "an address, a network, :PORT or a name");
    }
    const auto bits = address.is_known() ? bits_of(address) : 0;
    return peer_pattern{
        .address = address, .prefix_bits = static_cast<std::uint8_t>(bits), .port = port};
  }
  if (text.empty()) return refused(text, "is no peer", "an address, a network, :PORT or a name");
  return parse_name(text);
}

std::string to_string(const peer_pattern& p) {
  if (!p.name.empty()) return p.port == 0 ? p.name : fmt::format("{}:{}", p.name, p.port);
  if (!p.address.is_known()) return fmt::format(":{}", p.port);
  if (p.prefix_bits < bits_of(p.address)) {
    return fmt::format("{}/{}", to_string(p.address), p.prefix_bits);
  }
  return p.port == 0 ? to_string(p.address)
                     : to_string(tcp::endpoint{.address = p.address, .port = p.port});
}

bool matches(const peer_pattern& p, const tcp::endpoint& remote, std::string_view name) {
  if (p.port != 0 && p.port != remote.port) return false;
  if (!p.name.empty()) {
    return remote.address.what() == address::kind::named && p.name == name;
  }
  if (!p.address.is_known()) return true;
  return remote.address.what() == p.address.what() &&
         cut_to(remote.address, p.prefix_bits) == p.address;
}

}  // namespace waitstate
