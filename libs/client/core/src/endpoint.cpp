#include "waitstate/client/core/endpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t unix_path_max = 107;  // sockaddr_un::sun_path, less its end

failure malformed(std::string_view text, std::string_view why) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("endpoint '{}': {}", quotable(text), why),
                  .hint = "write host:port, [address]:port for IPv6, or unix:/path"});
}

/// A decimal port from 1 to 65535 with nothing after it.
std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, port);
  if (status != std::errc{} || rest != end || port == 0) return std::nullopt;
  return port;
}

result<endpoint> unix_endpoint(std::string_view text, std::string_view path) {
  if (!path.starts_with('/')) return malformed(text, "a unix socket's path starts with /");
  if (path.size() > unix_path_max) return malformed(text, "the path is over 107 bytes");
  return endpoint{.host = std::string(path), .port = 0};
}

}  // namespace

result<endpoint> parse_endpoint(std::string_view text) {
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (std::ranges::any_of(text, is_control)) {
    std::string shown(text);
    std::ranges::replace_if(shown, is_control, '?');
    return malformed(shown, "a control character");
  }
  if (text.starts_with(unix_prefix)) return unix_endpoint(text, text.substr(unix_prefix.size()));
  if (text.starts_with('/')) return unix_endpoint(text, text);

  const auto colon = text.rfind(':');
  if (colon == text.npos || text.ends_with(']')) return malformed(text, "no port");
  auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return malformed(text, "no host");
  if (host.find_first_of("[]/") != host.npos) return malformed(text, "not a host");
  if (!bracketed && host.find(':') != host.npos) return malformed(text, "IPv6 needs brackets");

  const auto port = port_in(text.substr(colon + 1));
  if (!port) return malformed(text, "the port is not a number from 1 to 65535");
  return endpoint{.host = std::string(host), .port = *port};
}

std::string to_string(const endpoint& e) {
  if (e.is_unix()) return fmt::format("unix:{}", e.host);
  const bool is_v6 = e.host.find(':') != e.host.npos;
  return is_v6 ? fmt::format("[{}]:{}", e.host, e.port) : fmt::format("{}:{}", e.host, e.port);
}

}  // namespace waitstate::client
