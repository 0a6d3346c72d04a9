#include "waitstate/client/http/http_url.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/ip/address_v6.hpp>

#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

constexpr std::size_t url_bytes_max = 32'768;
constexpr std::size_t host_bytes_max = 253;

bool is_target_byte(char c) {
  return c > ' ' && c < 0x7f;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

failure malformed(std::string_view text, std::string_view why, std::string_view hint = {}) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("url '{}': {}", quotable(without_secrets(text)), why),
                  .hint = std::string(hint)});
}

std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, port);
  if (status != std::errc{} || rest != end || port == 0) return std::nullopt;
  return port;
}

bool is_v6(const std::string& text) {
  boost::system::error_code bad;
  boost::asio::ip::make_address_v6(text, bad);
  return !bad && text.find('%') == text.npos;
}

/// Reads "host", "host:port", "[v6]" and "[v6]:port" into `url`; a reason when it is none.
std::string_view read_authority(std::string_view text, http_url& url) {
  if (text.find('@') != text.npos) return "a user name or password in it is not supported";
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos) return "no ] after the address";
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    has_port = !port.empty();
    if (has_port && !port.starts_with(':')) return "not a port after the address";
    if (has_port) port.remove_prefix(1);
    if (!is_v6(std::string(host))) return "not an IPv6 address between the brackets";
    url.host = lowered(host);
  } else {
    if (const auto colon = text.find(':'); colon != text.npos) {
      host = text.substr(0, colon);
      port = text.substr(colon + 1);
      has_port = true;
    }
    if (port.find(':') != port.npos) return "IPv6 needs brackets";
    url.host = lowered(host);
    if (host.empty()) return "no host";
    if (host.size() > host_bytes_max) return "the host is over 253 bytes";
    if (!std::ranges::all_of(url.host, is_name_byte)) return "not a host";
  }
  if (has_port && !port.empty()) {  // "host:" is allowed and means the scheme's own port
    const auto number = port_in(port);
    if (!number) return "the port is not a number from 1 to 65535";
    url.port = *number;
  }
  return {};
}

/// RFC 3986 section 5.2.4.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_slash = false;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool is_last = path.empty();
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
      ends_in_slash = is_last;
    } else if (segment == ".") {
      ends_in_slash = is_last;
    } else {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const auto segment : kept) out.append("/").append(segment);
  if (ends_in_slash || out.empty()) out += '/';
  return out;
}

bool has_scheme(std::string_view reference) {
  const auto colon = reference.find_first_of(":/?#");
  return colon != reference.npos && colon > 0 && reference[colon] == ':';
}

}  // namespace

bool is_http_target(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_target_byte);
}

result<http_url> parse_http_url(std::string_view text) {
  if (text.size() > url_bytes_max) return malformed(text, "over 32,768 bytes");
  if (!std::ranges::all_of(text, is_target_byte)) {
    return malformed(text, "a blank, a control character or a byte that is not ASCII",
                     "percent-encode it");
  }
  http_url url;
  const auto separator = text.find("://");
  const auto scheme = lowered(text.substr(0, std::min(separator, text.size())));
  if (separator == text.npos || (scheme != "http" && scheme != "https")) {
    return malformed(text, "it starts with neither http:// nor https://");
  }
  url.is_tls = scheme == "https";
  url.port = url.is_tls ? 443 : 80;

  auto rest = text.substr(separator + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto path = std::min(rest.find_first_of("/?"), rest.size());
  if (const auto why = read_authority(rest.substr(0, path), url); !why.empty()) {
    return malformed(text, why);
  }
  url.target = std::string(rest.substr(path));
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

result<http_url> resolve_reference(const http_url& base, std::string_view reference) {
  if (has_scheme(reference)) return parse_http_url(reference);
  const auto origin = fmt::format("{}://{}", base.is_tls ? "https" : "http", base.authority());
  if (reference.starts_with("//")) {
    return parse_http_url(fmt::format("{}:{}", base.is_tls ? "https" : "http", reference));
  }
  reference = reference.substr(0, reference.find('#'));
  const auto query_at = std::min(reference.find('?'), reference.size());
  const auto path = reference.substr(0, query_at);
  const auto query = reference.substr(query_at);

  const auto base_target = std::string_view(base.target);
  const auto base_path = base_target.substr(0, base_target.find('?'));
  if (path.empty()) {
    return parse_http_url(origin + std::string(query.empty() ? base_target : base_path) +
                          std::string(query));
  }
  auto whole = std::string(path);
  if (!path.starts_with('/')) {
    whole.insert(0, base_path.substr(0, base_path.rfind('/') + 1));
  }
  return parse_http_url(origin + without_dots(whole) + std::string(query));
}

std::string without_secrets(std::string_view url) {
  std::string told(url);
  if (const auto at = told.rfind('@'); at != told.npos) {
    const auto separator = told.find("://");
    const auto start = separator < at ? separator + 3 : 0;
    told.replace(start, at - start, "***");
  }
  if (const auto query = told.find('?'); query != told.npos) told.replace(query, told.npos, "?...");
  return told;
}

std::string http_url::authority() const {
  const bool is_bracketed = host.find(':') != host.npos;
  auto out = is_bracketed ? fmt::format("[{}]", host) : host;
  if (port != (is_tls ? 443 : 80)) out += fmt::format(":{}", port);
  return out;
}

bool http_url::has_origin_of(const http_url& other) const {
  return is_tls == other.is_tls && host == other.host && port == other.port;
}

std::string to_string(const http_url& url) {
  return fmt::format("{}://{}{}", url.is_tls ? "https" : "http", url.authority(), url.target);
}

}  // namespace waitstate::client
