#pragma once

#include <string>

namespace waitstate::client {

/// Through whom to go. A proxy is "http://user:password@proxy:3128", or without the scheme, the
/// account and the port (1080); empty: nobody.
struct http_proxies {
  std::string http{};   ///< To http URLs: the proxy asks the server.
  std::string https{};  ///< To https URLs: by CONNECT; what is said is between us and the server.
  /// Whom to ask without one: names, with all that are below them ("example.com" is
  /// "www.example.com", too), addresses and networks ("10.0.0.0/8"), each with a port where only
  /// that is meant, between commas; "*" for all. This machine itself never goes through a proxy.
  std::string none_for{};
};

/// What the environment says: http_proxy (in small letters alone, as a server's CGI programs have
/// HTTP_PROXY from a request's header), https_proxy or HTTPS_PROXY, all_proxy or ALL_PROXY,
/// no_proxy or NO_PROXY. Read in this moment; setenv() at the same time on another thread is a
/// race.
[[nodiscard]] http_proxies http_proxies_of_environment();

}  // namespace waitstate::client
