#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace waitstate::tcp {

/// An IP address, or a stand-in for one: a plain value of 17 bytes, cheap to copy and to hash.
///
/// Pasted text has addresses that are names ("db.internal") or masked ("XX.XX.XX.XX").
/// Those are kept as `named`: the number of a text in the snapshot's name table. An address
/// that is not known at all is `none`. IPv4-mapped IPv6 addresses fold into IPv4.
class address {
 public:
  enum class kind : std::uint8_t { none, v4, v6, named };

  address() = default;
  [[nodiscard]] static address v4(std::array<std::uint8_t, 4> bytes);
  /// Folds ::ffff:a.b.c.d into the IPv4 address a.b.c.d.
  [[nodiscard]] static address v6(const std::array<std::uint8_t, 16>& bytes);
  [[nodiscard]] static address named(std::uint32_t name);

  [[nodiscard]] kind what() const { return kind_; }
  [[nodiscard]] bool is_known() const { return kind_ != kind::none; }
  /// 0.0.0.0 or ::, where a listener takes connections to every address.
  [[nodiscard]] bool is_unspecified() const;
  /// 127.0.0.0/8 or ::1.
  [[nodiscard]] bool is_loopback() const;
  /// The number in the name table. Only for a `named` address.
  [[nodiscard]] std::uint32_t name() const;
  /// Network byte order; an IPv4 address is in the first four bytes.
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  friend auto operator<=>(const address&, const address&) = default;

 private:
  kind kind_ = kind::none;
  std::array<std::uint8_t, 16> bytes_{};
};

/// Reads a numeric address: "10.0.0.7", "fe80::1", "::ffff:10.0.0.7"; a zone ("%eth0")
/// after it is dropped. Nothing else: no name, no brackets, no port.
[[nodiscard]] std::optional<address> parse_address(std::string_view text);

/// "10.0.0.7", "fe80::1" (RFC 5952). "?" for none, "name#3" for a named one: whoever has the
/// name table prints the name instead.
[[nodiscard]] std::string to_string(const address& a);

}  // namespace waitstate::tcp

template <>
struct std::hash<waitstate::tcp::address> {
  std::size_t operator()(const waitstate::tcp::address& a) const noexcept;
};
