#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/http/http_message.h"
#include "waitstate/client/http/http_stream.h"

namespace waitstate::client {

struct http_settings {
  /// The Host header, unless the request has one; empty: the server that is asked.
  std::string host{};
  /// Put before each target on the wire: "http://a.example", for a proxy; empty: nothing.
  std::string target_prefix{};
  /// The value of Proxy-Authorization; empty: none.
  std::string proxy_authorization{};
  std::string user_agent = "waitstate";  ///< Unless the request has one; empty: none.
  http_limits limits{};                  ///< What a server may send.
  /// Asks for compressed bodies (gzip, deflate, br, zstd) where the request does not say what it
  /// wants by Accept-Encoding or Range, and undoes it: the caller sees the body as it is meant,
  /// bounded by `limits`, and no Content-Encoding.
  bool decode = true;
  /// False asks the server to close after each response. Implied where the pool keeps nothing
  /// (pool_limits::idle_max of 0, requests_max of 1).
  bool keep_alive = true;
  /// Request bodies of at least this many bytes, and those of unknown length, wait for the server's
  /// "100 Continue", so that a refusal costs no upload; not set: none does. Not on the first call
  /// over a TLS connection, where a server that never says it could not be told from a slow one.
  std::optional<std::uint64_t> expect_continue_from{};
  /// After this long the body is sent anyway (RFC 9110 section 10.1.1).
  duration expect_continue_wait = std::chrono::seconds(1);
  http_drain_limits drain{};  ///< What is read of a body that nobody wants.
  /// Statuses that let an idempotent request be asked again, within the cluster's retries and its
  /// budget, after what Retry-After says, if it does and the deadline allows: {429, 503}.
  /// What comes last is the answer. Not where `on_body` or a stream takes the body.
  std::vector<std::uint16_t> retry_statuses{};
};

struct http_call_options {
  time_limit deadline;  ///< For the whole call, waiting for a connection and retries included.
  /// May be sent again when there was no answer; is_idempotent() unless set.
  std::optional<bool> idempotent{};
  /// Takes the body piece by piece, after the header; then it is not kept and no limit applies but
  /// the deadline. An error ends the call with it, and the connection.
  std::function<result<>(const http_response& head, std::string_view piece)> on_body{};
  std::source_location where = std::source_location::current();  ///< What the ledger names.
  /// For cluster_settings::calls, unchanged: the span that this call is a part of.
  std::shared_ptr<const void> context{};
};

/// HTTP/1.1 with the servers of a cluster. Any thread may call any member; copies are the same
/// service. Targets are paths: "/a?b".
///
/// Whatever its status, a response is a value. 502, 503 and 504 count as failures of the server for
/// the balancer. A call is sent again, on another connection, only where retry_rule allows it; one
/// whose body comes from a source never is. Redirects are not followed (http_client does).
///
/// A connection goes back to the pool only when the request was sent and the response was read to
/// its end, nothing came after it, and neither side said "close"; otherwise it is dropped.
class http_service {
 public:
  explicit http_service(std::shared_ptr<cluster> over, http_settings settings = {});

  [[nodiscard]] task<http_response> request(http_request request, http_call_options options) const;
  /// request(http_get("/x"), 2s)
  [[nodiscard]] task<http_response> request(
      http_request request, time_limit deadline,
      std::source_location where = std::source_location::current()) const;

  /// Ends when the header is there; the body is read from the stream. `on_body` does not count.
  [[nodiscard]] task<http_stream> open(http_request request, http_call_options options) const;

  /// request() and open() of what the caller keeps, unchanged, until the task is done; nothing of
  /// it is copied.
  [[nodiscard]] task<http_response> request_kept(const http_request* kept,
                                                 http_call_options options) const;
  [[nodiscard]] task<http_stream> open_kept(const http_request* kept,
                                            http_call_options options) const;

  [[nodiscard]] const std::shared_ptr<cluster>& over() const;

  struct state;

 private:
  std::shared_ptr<const state> state_;
};

}  // namespace waitstate::client
