#include "http_proxy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/detail/base64.hpp>

#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

constexpr std::size_t answer_max = std::size_t{16} << 10;

failure wrong(std::string_view why) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("http proxy: {}", why),
                  .hint = "http://user:password@proxy:3128"});
}

std::string base64(std::string_view text) {
  namespace b = boost::beast::detail::base64;
  std::string out(b::encoded_size(text.size()), 0);
  out.resize(b::encode(out.data(), text.data(), text.size()));
  return out;
}

/// "%41" is "A".
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const auto* const digits = text.data() + at + 1;
    const bool is_escape = text[at] == '%' && at + 2 < text.size() &&
                           std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    out += is_escape ? static_cast<char>(byte) : text[at];
    if (is_escape) at += 2;
  }
  return out;
}

/// The first of these variables that is set to something.
std::string setting(std::initializer_list<const char*> names) {
  for (const auto* const name : names) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != 0) return value;
  }
  return {};
}

std::optional<asio::ip::address> address_in(std::string_view text) {
  boost::system::error_code bad;
  auto address = asio::ip::make_address(std::string(text), bad);
  if (bad) return std::nullopt;
  return address;
}

bool is_in_network(const asio::ip::address& address, std::string_view network) {
  boost::system::error_code bad;
  const std::string text(network);
  if (address.is_v4()) {
    const auto net = asio::ip::make_network_v4(text, bad);
    return !bad && net.canonical() ==
                       asio::ip::network_v4(address.to_v4(), net.prefix_length()).canonical();
  }
  const auto net = asio::ip::make_network_v6(text, bad);
  return !bad &&
         net.canonical() == asio::ip::network_v6(address.to_v6(), net.prefix_length()).canonical();
}

/// Is it the name, or one below it? Neither the case nor a dot at either end counts.
bool is_below(std::string_view host, std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || !host.ends_with(name)) return false;
  return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

/// Takes ":port" off, where there is one; false when it is another one.
bool has_port(std::string_view& entry, std::uint16_t port) {
  const auto colon = entry.rfind(':');
  const bool is_v6 = entry.find(':') != colon && !entry.starts_with('[');
  if (colon == entry.npos || is_v6 || entry.ends_with(']')) return true;
  const bool is_same = entry.substr(colon + 1) == std::to_string(port);
  entry = entry.substr(0, colon);
  return is_same;
}

bool is_meant(const http_url& url, std::string_view entry) {
  if (entry == "*") return true;
  if (!has_port(entry, url.port)) return false;
  if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  const auto address = address_in(url.host);
  if (!address) return is_below(url.host, entry);
  return entry.find('/') == entry.npos ? address_in(entry) == address
                                       : is_in_network(*address, entry);
}

std::string small(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// The status of "HTTP/1.1 200 ..."; 0 for anything else.
int status_of(std::string_view head) {
  int status = 0;
  const auto blank = head.find(' ');
  if (!head.starts_with("HTTP/1.") || blank == head.npos) return 0;
  std::from_chars(head.data() + blank + 1, head.data() + head.size(), status);
  return status;
}

}  // namespace

http_proxies http_proxies_of_environment() {
  return {.http = setting({"http_proxy", "all_proxy", "ALL_PROXY"}),
          .https = setting({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}),
          .none_for = setting({"no_proxy", "NO_PROXY"})};
}

result<http_proxy> parse_http_proxy(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme != text.npos && small(text.substr(0, scheme)) != "http") {
    return wrong("only those that are spoken to in http are supported");
  }
  if (scheme != text.npos) text.remove_prefix(scheme + 3);
  http_proxy made;
  const auto account = text.rfind('@');
  if (account != text.npos) {
    made.authorization = "Basic " + base64(unescaped(text.substr(0, account)));
    text.remove_prefix(account + 1);
  }
  const auto url = parse_http_url(fmt::format("http://{}", text));
  if (!url) return wrong(fmt::format("'{}' is no host and port", quotable(text)));
  made.host = url->host;
  const auto end = text.find_first_of("/?#");
  const auto place = text.substr(0, end);
  const bool is_with_port = place.rfind(':') != place.npos && !place.ends_with(']');
  if (is_with_port) made.port = url->port;
  return made;
}

bool is_asked_directly(const http_url& url, std::string_view none_for) {
  const auto address = address_in(url.host);
  if (address ? address->is_loopback() : is_below(url.host, "localhost")) return true;
  const auto all = small(none_for);
  for (std::string_view rest = all; !rest.empty();) {
    const auto end = std::min(rest.find_first_of(", \t"), rest.size());
    const auto entry = rest.substr(0, end);
    if (!entry.empty() && is_meant(url, entry)) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

result<std::optional<http_proxy>> http_proxy_for(const http_url& url, const http_proxies& all) {
  const auto& text = url.is_tls ? all.https : all.http;
  if (text.empty() || is_asked_directly(url, all.none_for)) return std::nullopt;
  auto made = parse_http_proxy(text);
  if (!made) return failure(std::move(made).error());
  return *std::move(made);
}

task<> open_tunnel(connection_ptr over, http_proxy by, std::string authority) {
  const auto step = fmt::format("proxy {}: CONNECT {}", to_string(over->remote()), authority);
  auto request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
  if (!by.authorization.empty()) {
    request += fmt::format("Proxy-Authorization: {}\r\n", by.authorization);
  }
  request += "\r\n";
  const auto [unsent, sent] = co_await asio::async_write(*over, asio::buffer(request), as_value);
  if (unsent) co_return failure(over->why_failed(unsent, step));
  std::string head;
  // Byte by byte: what follows the empty line is not ours to read.
  std::array<char, 1> byte{};
  while (!head.ends_with("\r\n\r\n") && head.size() < answer_max) {
    const auto [unread, got] = co_await over->async_read_some(asio::buffer(byte), as_value);
    if (unread) co_return failure(over->why_failed(unread, step));
    head += byte[0];
  }
  const int status = status_of(head);
  if (status >= 200 && status < 300) co_return result<>{};
  if (status == 0) {
    co_return failure(
        {.code = errc::corrupt, .what = step + ": what it answers is not HTTP", .hint = {}});
  }
  const auto line = std::string_view(head).substr(0, head.find('\r'));
  const auto said = quotable(line.substr(line.find(' ') + 1));
  // Some answer 401, as if they were servers.
  const bool is_unknown = status == 407 || status == 401;
  co_return failure(
      {.code = is_unknown ? errc::permission : errc::unavailable,
       .what = fmt::format("{}: {}", step, said),
       .hint = is_unknown ? "is the account right? http://user:password@proxy:3128" : ""});
}

}  // namespace waitstate::client
