#include "waitstate/tcp/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include <fmt/format.h>

namespace waitstate::tcp {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

address address::v4(std::array<std::uint8_t, 4> bytes) {
  address a;
  a.kind_ = kind::v4;
  std::ranges::copy(bytes, a.bytes_.begin());
  return a;
}

address address::v6(const std::array<std::uint8_t, 16>& bytes) {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin())) {
    return v4({bytes[12], bytes[13], bytes[14], bytes[15]});
  }
  address a;
  a.kind_ = kind::v6;
  a.bytes_ = bytes;
  return a;
}

address address::named(std::uint32_t name) {
  address a;
  a.kind_ = kind::named;
  std::memcpy(a.bytes_.data(), &name, sizeof(name));
  return a;
}

bool address::is_unspecified() const {
  return (kind_ == kind::v4 || kind_ == kind::v6) &&
         std::ranges::all_of(bytes_, [](auto byte) { return byte == 0; });
}

bool address::is_loopback() const {
  if (kind_ == kind::v4) return bytes_[0] == 127;
  return kind_ == kind::v6 && bytes_[15] == 1 &&
         std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto byte) { return byte == 0; });
}

std::uint32_t address::name() const {
  assert(kind_ == kind::named);
  std::uint32_t name = 0;
  std::memcpy(&name, bytes_.data(), sizeof(name));
  return name;
}

std::optional<address> parse_address(std::string_view text) {
  const bool is_v6 = text.find(':') != text.npos;
  if (is_v6) text = text.substr(0, text.find('%'));
  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  if (text.empty() || text.size() >= terminated.size()) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  if (is_v6) {
    std::array<std::uint8_t, 16> bytes{};
    if (::inet_pton(AF_INET6, terminated.data(), bytes.data()) != 1) return std::nullopt;
    return address::v6(bytes);
  }
  std::array<std::uint8_t, 4> bytes{};
  if (::inet_pton(AF_INET, terminated.data(), bytes.data()) != 1) return std::nullopt;
  return address::v4(bytes);
}

std::string to_string(const address& a) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  switch (a.what()) {
    case address::kind::none: return "?";
    case address::kind::named: return fmt::format("name#{}", a.name());
    case address::kind::v4: ::inet_ntop(AF_INET, a.bytes().data(), text.data(), text.size()); break;
    case address::kind::v6:
      ::inet_ntop(AF_INET6, a.bytes().data(), text.data(), text.size());
      break;
  }
  return text.data();
}

}  // namespace waitstate::tcp

std::size_t std::hash<waitstate::tcp::address>::operator()(
    const waitstate::tcp::address& a) const noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, a.bytes().data(), sizeof(high));
  std::memcpy(&low, a.bytes().data() + sizeof(high), sizeof(low));
  auto mixed = (high + static_cast<std::uint64_t>(a.what())) * 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 32) ^ low) * 0xbf58476d1ce4e5b9ULL;
  return mixed ^ (mixed >> 31);
}
