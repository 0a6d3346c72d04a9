#include "waitstate/tcp/endpoint.h"

#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace waitstate::tcp {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, port);
  if (text.empty() || status != std::errc{} || rest != end) return std::nullopt;
  return port;
}

std::optional<endpoint> parse_endpoint(std::string_view text) {
  if (const auto whole = parse_address(text)) return endpoint{.address = *whole, .port = 0};

  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1) == "*" ? 0 : parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  if (host.empty() || host == "*") return endpoint{.address = {}, .port = *port};

  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = parse_address(host);
  if (!address || bracketed != (host.find(':') != host.npos)) return std::nullopt;
  return endpoint{.address = *address, .port = *port};
}

std::string to_string(const endpoint& e) {
  const auto port = e.port == 0 ? std::string("*") : fmt::format("{}", e.port);
  if (!e.address.is_known()) return fmt::format("*:{}", port);
  const bool is_v6 = e.address.what() == address::kind::v6;
  return is_v6 ? fmt::format("[{}]:{}", to_string(e.address), port)
               : fmt::format("{}:{}", to_string(e.address), port);
}

}  // namespace waitstate::tcp
