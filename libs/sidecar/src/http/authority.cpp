#include "http/authority.h"

#include <algorithm>
#include <charconv>

#include "http/http_chars.h"

namespace waitstate::sidecar {
namespace {

bool is_alnum(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

bool is_host_char(char c) {
  return is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos;
}

bool is_address_char(char c) {
  return is_host_char(c) || c == ':' || c == '%';
}

/// Where the host ends; npos: there is none.
std::size_t end_of_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos || close == 1) return std::string_view::npos;
    const auto inner = text.substr(1, close - 1);
    const bool is_fine = inner.find(':') != std::string_view::npos &&
                         std::all_of(inner.begin(), inner.end(), is_address_char);
    return is_fine ? close + 1 : std::string_view::npos;
  }
  const auto end = std::min(text.find(':'), text.size());
  const auto host = text.substr(0, end);
  const bool is_fine = !host.empty() && std::all_of(host.begin(), host.end(), is_host_char);
  return is_fine ? end : std::string_view::npos;
}

/// 0: it is none.
std::uint16_t port_of(std::string_view digits) {
  std::uint16_t port = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [at, wrong] = std::from_chars(digits.data(), end, port);
  return wrong == std::errc{} && at == end && digits.size() <= 5 ? port : std::uint16_t{0};
}

}  // namespace

std::optional<authority> authority_of(std::string_view text) {
  const auto end = end_of_host(text);
  if (end == std::string_view::npos) return std::nullopt;
  authority found{.host = text.substr(0, end)};
  if (end == text.size()) return found;
  if (text[end] != ':') return std::nullopt;
  found.port = port_of(text.substr(end + 1));
  if (found.port == 0) return std::nullopt;
  return found;
}

bool is_same(const authority& a, const authority& b, std::uint16_t port_usual) {
  const auto port = [&](const authority& of) { return of.port == 0 ? port_usual : of.port; };
  return port(a) == port(b) &&
         std::equal(a.host.begin(), a.host.end(), b.host.begin(), b.host.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace waitstate::sidecar
