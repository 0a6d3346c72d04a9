#include "http/http_chars.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace waitstate::sidecar {
namespace {

constexpr bool is_control(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u < 0x20 && c != '\t') || u == 0x7f;
}

constexpr std::uint64_t each(std::uint64_t byte) {
  return byte * 0x0101010101010101U;
}

/// The high bit of each byte that is a control character, tab among them. Above the first such byte
/// a borrow may set others.
constexpr std::uint64_t controls_of(std::uint64_t eight) {
  const auto low = (eight - each(0x20)) & ~eight;
  const auto del = eight ^ each(0x7f);
  return (low | ((del - each(0x01)) & ~del)) & each(0x80);
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

const char* first_control(const char* at, const char* end) {
  while (end - at >= 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof eight);
    if constexpr (std::endian::native == std::endian::big) eight = __builtin_bswap64(eight);
    const auto found = controls_of(eight);
    if (found == 0) {
      at += 8;
      continue;
    }
    at += std::countr_zero(found) / 8;
    if (*at != '\t') return at;
    ++at;
  }
  while (at != end && !is_control(*at)) ++at;
  return at;
}

}  // namespace waitstate::sidecar
