#include "waitstate/client/http/http_keep_alive.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace waitstate::client {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_timeout(std::string_view name) {
  return std::ranges::equal(name, std::string_view("timeout"), {}, lower);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::optional<std::chrono::seconds> keep_alive_timeout(std::string_view header_value) {
  while (!header_value.empty()) {
    const auto comma = std::min(header_value.find(','), header_value.size());
    const auto part = header_value.substr(0, comma);
    header_value.remove_prefix(std::min(comma + 1, header_value.size()));
    const auto equals = part.find('=');
    if (equals == part.npos || !is_timeout(trimmed(part.substr(0, equals)))) continue;
    auto value = trimmed(part.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    std::uint32_t seconds = 0;
    const char* const end = value.data() + value.size();
    const auto [rest, status] = std::from_chars(value.data(), end, seconds);
    if (status == std::errc{} && rest == end && seconds > 0) return std::chrono::seconds(seconds);
  }
  return std::nullopt;
}

}  // namespace waitstate::client
