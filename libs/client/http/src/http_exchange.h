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
  std::string host;                    ///< The server, as a Host header names it.
  bool is_host_fine = false;           ///< That can be a header's value.
  std::chrono::seconds idle_limit{0};  ///< What the server has stated last.
};

/// One request and its response over one connection. Outlives what is awaited on it. `facts` of
/// send() and read_header() are kept true at every moment, since they decide about a retry.
class http_exchange {
 public:
  http_exchange(connection_ptr over, const http_limits& limits, http_response_parser::body kind);

  /// Writes the request's head, to be sent.
  void prepare(const http_request& request, const http_settings& settings, http_head_extras extras,
               bool is_reused, attempt& facts);
  /// Sends a request that is a head alone, where the socket takes it without waiting. When it is
  /// false send() has something left to do.
  bool send_at_once(const http_request& request, attempt& facts);
  /// Sends the rest. No error when the server answers before it has all of it: then what is left is
  /// not sent, and the connection will not be reusable.
  task<> send(const http_request* request, const http_settings* settings, attempt* facts);
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
  void wrote(std::size_t bytes, attempt& facts);
  /// Room for what comes next, and what came into it.
  [[nodiscard]] boost::beast::flat_buffer::mutable_buffers_type room();
  result<> took(const boost::system::error_code& code, std::size_t bytes, attempt& facts);
  result<> parse();
  [[nodiscard]] error why(const boost::system::error_code& code, std::string_view action) const;
  [[nodiscard]] error in_context(error e) const;

  connection_ptr over_;
  std::shared_ptr<http_wire> wire_;
  http_response_parser parser_;
  std::size_t head_sent_ = 0;
  bool has_body_ = false;
  bool expects_continue_ = false;
  bool request_sent_ = false;
  bool says_close_ = false;
  bool is_broken_ = false;  // nothing more can be written
};

}  // namespace waitstate::client
