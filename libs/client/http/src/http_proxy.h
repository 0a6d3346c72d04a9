#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/http/http_proxies.h"
#include "waitstate/client/http/http_url.h"

namespace waitstate::client {

/// One proxy.
struct http_proxy {
  std::string host;
  std::uint16_t port = 1080;
  std::string authorization;  ///< The value of Proxy-Authorization; empty: none.
};

/// Reads one, as http_proxies has it. Fails with errc::invalid_input, without the account in the
/// message.
[[nodiscard]] result<http_proxy> parse_http_proxy(std::string_view text);

/// Is this URL's host one that `none_for` names, or this machine? Pure.
[[nodiscard]] bool is_asked_directly(const http_url& url, std::string_view none_for);

/// Through whom to ask for a URL; nothing for nobody.
[[nodiscard]] result<std::optional<http_proxy>> http_proxy_for(const http_url& url,
                                                               const http_proxies& all);

/// Asks a proxy, over a connection to it, to connect to `authority`: what follows is between us and
/// that. Fails with errc::permission where it does not know us (407), else with what it
/// said: "proxy 10.0.0.3:3128: CONNECT a.example:443: 502 Bad Gateway".
[[nodiscard]] task<> open_tunnel(connection_ptr over, http_proxy by, std::string authority);

}  // namespace waitstate::client
