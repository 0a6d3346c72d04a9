#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace waitstate::client {

/// Reads big-endian numbers and counted strings from bytes that anybody may have sent. Past the end
/// everything is 0 and empty, and ok() is false from then on: check it once, at the end.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  void fail() { ok_ = false; }

  template <std::integral T>
  T number(std::size_t size = sizeof(T)) {
    const auto from = take(size);
    std::uint64_t value = 0;
    for (const char byte : from) value = value << 8 | static_cast<std::uint8_t>(byte);
    return static_cast<T>(value);
  }

  std::string_view take(std::size_t size) {
    if (!ok_ || size > left()) {
      ok_ = false;
      return {};
    }
    const auto taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }

  std::string_view rest() { return take(left()); }

  /// A string behind its size, which has that many bytes. A negative size is an error.
  template <std::integral Size>
  std::string_view counted() {
    const auto size = number<Size>();
    if constexpr (std::signed_integral<Size>) {
      if (size < 0) ok_ = false;
    }
    return take(static_cast<std::size_t>(size));
  }

  /// Up to 32 bits, seven at a time, low ones first.
  std::uint32_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const auto byte = number<std::uint8_t>();
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) {
        if (value > 0xFFFF'FFFFU) break;
        return static_cast<std::uint32_t>(value);
      }
    }
    ok_ = false;
    return 0;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

template <std::integral T>
void append_number(std::string& to, T value, std::size_t size = sizeof(T)) {
  const auto bits = std::uint64_t{static_cast<std::make_unsigned_t<T>>(value)};
  for (auto i = size; i-- > 0;) to.push_back(static_cast<char>(bits >> (8 * i)));
}

template <std::integral Size>
void append_counted(std::string& to, std::string_view text) {
  append_number(to, static_cast<Size>(text.size()));
  to += text;
}

}  // namespace waitstate::client
