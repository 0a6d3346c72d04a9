#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "waitstate/client/http/http_message.h"

namespace waitstate::client {

/// Bytes to a response, with limits, however the bytes are cut. 1xx responses are skipped. Pure: no
/// socket, no clock.
///
/// Beyond Beast's own checks it refuses what could hide where the response ends: a transfer coding
/// other than "chunked" (none was asked for), 101 (no upgrade was asked for), and trailers or chunk
/// headers without an end.
class http_response_parser {
 public:
  enum class body : std::uint8_t {
    none,      ///< To a HEAD request.
    whole,     ///< Kept, up to http_limits::body_max.
    in_parts,  ///< Taken from response().body by whoever feeds, as it comes; no limit here.
  };

  http_response_parser(const http_limits& limits, body kind);
  http_response_parser(const http_response_parser&) = delete;
  http_response_parser& operator=(const http_response_parser&) = delete;

  /// Returns how many of the bytes are done with; the others come again, with more after them.
  /// Takes nothing past the end of the response. After an error nothing more may be put.
  result<std::size_t> put(std::string_view bytes);
  /// The server closed in order. An error when that cuts the response.
  result<> end_of_stream();

  [[nodiscard]] bool has_seen_bytes() const { return has_seen_bytes_; }
  [[nodiscard]] bool has_seen_continue() const { return has_seen_continue_; }
  /// The final response's header is there.
  [[nodiscard]] bool is_header_done() const { return is_header_done_; }
  [[nodiscard]] bool is_done() const { return is_done_; }
  /// The response lets the connection live: delimited, HTTP/1.1 without "close" or 1.0 with
  /// "keep-alive" (RFC 9112 section 9.3).
  [[nodiscard]] bool keeps_connection() const;
  /// Bytes of the body that are still to come, where the header says how many.
  [[nodiscard]] std::optional<std::uint64_t> bytes_to_come() const;
  [[nodiscard]] http_response& response() { return response_; }

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::system::error_code;

  class message final : public boost::beast::http::basic_parser<false> {
   public:
    message(http_response_parser& owner, body kind);
    [[nodiscard]] bool is_faulty() const { return is_coded_ && is_http_1_0_; }
    [[nodiscard]] bool is_coded_in_another_way() const { return is_coded_otherwise_; }

   private:
    void on_request_impl(boost::beast::http::verb /*method*/, string_view /*word*/,
                         string_view /*target*/, int /*version*/, error_code& /*ec*/) override {}
    void on_response_impl(int status, string_view reason, int version, error_code& ec) override;
    void on_field_impl(boost::beast::http::field id, string_view name, string_view value,
                       error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
    std::size_t on_body_impl(string_view bytes, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/,
                              error_code& /*ec*/) override {}
    std::size_t on_chunk_body_impl(std::uint64_t /*to_come*/, string_view bytes,
                                   error_code& ec) override;
    void on_finish_impl(error_code& /*ec*/) override {}

    http_response_parser& owner_;
    bool is_http_1_0_ = false;
    bool is_coded_ = false;
    bool is_coded_otherwise_ = false;
  };

  std::size_t put_message(std::string_view bytes, error_code& code);
  result<> message_ended();
  [[nodiscard]] failure refuse(const error_code& code) const;

  const http_limits limits_;
  const body kind_;
  std::optional<message> message_;
  http_response response_;
  std::size_t header_bytes_ = 0;
  std::uint32_t interims_ = 0;
  bool is_between_chunks_ = false;
  bool has_seen_bytes_ = false;
  bool has_seen_continue_ = false;
  bool is_header_done_ = false;
  bool is_done_ = false;
  std::optional<bool> keeps_;  // of a response that was read quickly
};

/// What is known of a connection when a call over it ended.
struct http_exchange_facts {
  bool request_sent = false;  ///< To its last byte.
  bool response_done = false;
  bool response_keeps = false;  ///< http_response_parser::keeps_connection()
  bool we_said_close = false;
  std::size_t bytes_after = 0;  ///< Received past the end of the response.
};

/// May the connection serve another request? Only where both messages ended, nothing else came and
/// nobody said otherwise. Pure.
[[nodiscard]] bool is_reusable(const http_exchange_facts& facts);

}  // namespace waitstate::client
