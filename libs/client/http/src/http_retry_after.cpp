#include "http_retry_after.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace waitstate::client {

std::optional<std::chrono::seconds> retry_after(std::string_view header_value) {
  std::uint32_t seconds = 0;
  const char* const end = header_value.data() + header_value.size();
  const auto [rest, status] = std::from_chars(header_value.data(), end, seconds);
  if (status != std::errc{} || rest != end) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace waitstate::client
