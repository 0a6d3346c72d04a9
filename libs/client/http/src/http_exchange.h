#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <boost/beast/core/flat_buffer.hpp>

#include "http_request_head.h"
#include "http_response_parser.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/http/http_service.h"

namespace waitstate::client {

/// What stays with a connection between requests: buffers, so that a call allocates none.
struct http_wire {
  boost::beast::flat_buffer in;
  std::string out;
  std::chrono::seconds idle_limit{0};  ///< What the server has stated last.
};

/// One request and its response over one connection. Outlives what is awaited on it. `facts` of
/// send() and read_header() are kept true at every moment, since they decide about a retry.
class http_exchange {
 public:
  http_exchange(connection_ptr over, const http_limits& limits, http_response_parser::body kind);

  /// Sends the request. No error when the server answers before it has all of it: then the rest is
  /// not sent, and the connection will not be reusable.
  task<> send(const http_request* request, const http_settings* settings, http_head_extras extras,
              bool is_reused, attempt* facts);
  /// Reads until the header is there.
  task<> read_header(attempt* facts);
  /// Reads once, unless the response is whole already.
  task<> read_some(attempt* facts);

  [[nodiscard]] http_response_parser& parser() { return parser_; }
  [[nodiscard]] connection& over() { return *over_; }
  [[nodiscard]] http_wire& wire() { return *wire_; }
  [[nodiscard]] bool is_reusable() const;

 private:
  /// `rest`: what of the body has not gone out with the head. Waits for "100 Continue" first.
  task<> send_body(const http_request* request, std::string_view rest, duration wait_max,
                   attempt* facts);
  task<> send_source(const http_request* request, attempt* facts);
  task<> wait_for_continue(duration wait_max, attempt* facts);
  /// False when the server answered meanwhile, finally, and the rest is not to be sent.
  task<bool> may_go_on(attempt* facts);
  /// Sends all of `first`, then `second`.
  task<> write(std::string_view first, std::string_view second, attempt* facts);
  asio::awaitable<bool> is_readable_within(duration time);
  result<> parse();
  [[nodiscard]] error why(const boost::system::error_code& code, std::string_view action) const;
  [[nodiscard]] error in_context(error e) const;

  connection_ptr over_;
  std::shared_ptr<http_wire> wire_;
  http_response_parser parser_;
  bool request_sent_ = false;
  bool says_close_ = false;
  bool is_broken_ = false;  // nothing more can be written
};

}  // namespace waitstate::client
