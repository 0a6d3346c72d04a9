#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/dns_source.h"
#include "waitstate/client/core/endpoint_source.h"
#include "waitstate/client/http/http_proxies.h"
#include "waitstate/client/http/http_service.h"
#include "waitstate/client/http/http_stream.h"

namespace waitstate::client {

struct http_client_settings {
  http_settings http{};  ///< `host` does not count: it is the URL's.
  /// For each host's cluster. `name` ("https://example.com"), `pool.dial.tls` and
  /// `pool.dial.tls_host` are set by the URL.
  cluster_settings cluster{};
  /// Names are resolved with these; `host` and `port` do not count.
  dns_settings dns{};
  /// Hosts whose connections are kept while no call to them is under way. Past it the one that was
  /// used longest ago is stopped.
  std::size_t hosts_max = 128;
  /// A host that was not used for this long is stopped when the next new one comes.
  duration host_idle_max = std::chrono::minutes(2);
  /// Connections to all hosts together; 0: no limit. Past it a call waits, and the connection that
  /// has been idle for longest is closed for it, at whatever host.
  std::uint32_t connections_max = 1024;
  /// How many redirects a call follows; the 3xx after that many is the answer. 301, 302, 303, 307
  /// and 308 with a Location are followed as browsers do: 303, and 301 and 302 to POST, become a
  /// GET; a body from a source ends it. To another origin go only the fields that say what is
  /// wanted, and in what form (Accept, Range, Content-Type, If-Match, Traceparent and the like):
  /// any other one may be a key.
  std::uint32_t follow_redirects_max = 0;
  /// For https; null: verifying_tls(), made with the first https URL.
  std::shared_ptr<asio::ssl::context> tls{};
  /// In place of it: a context that follows its files, with our certificate.
  std::shared_ptr<tls_from_files> tls_files{};
  /// Through whom to go; unless set, what the environment says when the client is made
  /// (http_proxies_of_environment()). Set and empty: through nobody.
  std::optional<http_proxies> proxies{};
};

/// HTTP/1.1 to any URL: one http_service for each scheme, host and port, made when it is first
/// needed. Any thread may call any member; copies are the same client.
///
/// An http_request's target is a URL here. A name that cannot be resolved fails the call at once,
/// with the reason.
class http_client {
 public:
  /// Clusters run on `executor`, until stop(). No other thread is started (but
  /// one for each name while it is looked up).
  explicit http_client(asio::any_io_executor executor, http_client_settings settings = {});

  [[nodiscard]] task<http_response> request(http_request request, http_call_options options) const;
  /// request(http_get("http://10.0.0.7/x"), 2s)
  [[nodiscard]] task<http_response> request(
      http_request request, time_limit deadline,
      std::source_location where = std::source_location::current()) const;
  [[nodiscard]] task<http_stream> open(http_request request, http_call_options options) const;

  /// Every call fails from now on; connections close as they come back.
  void stop() const;

  /// One for each host that is kept, for metrics and the lease ledger.
  [[nodiscard]] std::vector<std::shared_ptr<cluster>> clusters() const;

  struct state;

 private:
  std::shared_ptr<state> state_;
};

}  // namespace waitstate::client
