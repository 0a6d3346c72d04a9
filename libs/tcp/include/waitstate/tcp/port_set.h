#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waitstate::tcp {

/// An inclusive range of ports, as net.ipv4.ip_local_port_range holds one.
struct port_range {
  std::uint16_t low = 32768;
  std::uint16_t high = 60999;

  [[nodiscard]] std::size_t size() const { return high < low ? 0 : std::size_t{high} - low + 1; }
  [[nodiscard]] bool contains(std::uint16_t port) const { return low <= port && port <= high; }

  friend bool operator==(const port_range&, const port_range&) = default;
};

/// Reads "32768 60999", with any blanks or a dash between the two. Nothing for a range
/// that is empty or out of bounds.
[[nodiscard]] std::optional<port_range> parse_port_range(std::string_view text);

/// A set of ports: a bitmap of 8 KiB, whatever it holds.
class port_set {
 public:
  void insert(std::uint16_t port) { ports_.set(port); }
  void insert(port_range range);
  [[nodiscard]] bool contains(std::uint16_t port) const { return ports_.test(port); }
  [[nodiscard]] bool empty() const { return ports_.none(); }
  [[nodiscard]] std::size_t size() const { return ports_.count(); }
  /// How many of the range's ports are in the set.
  [[nodiscard]] std::size_t count_in(port_range range) const;
  /// How many of the range's ports of one parity (0 even, 1 odd) are in the set.
  [[nodiscard]] std::size_t count_in(port_range range, unsigned parity) const;
  void insert_all(const port_set& other) { ports_ |= other.ports_; }

  friend bool operator==(const port_set&, const port_set&) = default;

 private:
  std::bitset<65536> ports_;
};

/// Reads the kernel's list form, as in net.ipv4.ip_local_reserved_ports: "8080,9000-9010".
/// An empty text is an empty set.
[[nodiscard]] std::optional<port_set> parse_port_set(std::string_view text);

/// The kernel's list form: "8080,9000-9010". An empty set is an empty text.
[[nodiscard]] std::string to_string(const port_set& ports);

}  // namespace waitstate::tcp
