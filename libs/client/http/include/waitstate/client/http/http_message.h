#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/client/core/asio_names.h"

namespace waitstate::client {

/// The header fields of a message, in order. Names are compared without regard to case. Few
/// allocations however many fields there are; views live until the next change.
class http_headers {
 public:
  struct field {
    std::string_view name;
    std::string_view value;
  };

  void add(std::string_view name, std::string_view value);
  /// In place of all fields of that name.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void clear();
  /// Room for fields of about that many bytes together.
  void reserve(std::size_t fields, std::size_t bytes);

  /// The first field of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] bool empty() const { return places_.empty(); }
  [[nodiscard]] field operator[](std::size_t at) const;

 private:
  struct place {
    std::uint32_t at = 0;
    std::uint32_t name_size = 0;
    std::uint32_t value_size = 0;
  };

  std::string text_;
  std::vector<place> places_;
};

/// Two field names, or values where case does not count.
[[nodiscard]] bool is_same_field(std::string_view a, std::string_view b);

/// May these bytes be a field's value? No control characters but the tab.
[[nodiscard]] bool is_field_value(std::string_view text);

/// May a caller set this field of a request? It is one, and none that follows from the request and
/// the settings.
[[nodiscard]] bool is_callers_field(std::string_view name, std::string_view value);

/// A request's body that is made while it is sent.
struct http_body_source {
  /// A task<std::string>: the next piece; an empty one is the end. An error ends the call with it.
  std::function<asio::awaitable<result<std::string>, asio::any_io_executor>()> next{};
  /// Known: sent as Content-Length, and the pieces have to add up to it. Otherwise the body is
  /// sent in chunks.
  std::optional<std::uint64_t> length{};
};

/// A request. Host, Content-Length, Transfer-Encoding, Expect and (but for "close") Connection are
/// not for the caller to set: they follow from what is here and the settings.
struct http_request {
  std::string method = "GET";
  /// Path and query for an http_service, a URL for an http_client.
  std::string target = "/";
  http_headers headers{};
  std::string body{};
  /// In place of `body`. A request with it is not sent twice.
  std::optional<http_body_source> source{};
};

/// The usual requests. `target` as http_request has it; `content_type` goes into the header unless
/// it is empty.
[[nodiscard]] http_request http_get(std::string target);
[[nodiscard]] http_request http_head(std::string target);
[[nodiscard]] http_request http_put(std::string target, std::string body,
                                    std::string_view content_type = {});
[[nodiscard]] http_request http_post(std::string target, std::string body,
                                     std::string_view content_type = {});
[[nodiscard]] http_request http_delete(std::string target);

/// A final response (never 1xx).
struct http_response {
  std::uint16_t status = 0;
  bool is_http_1_0 = false;
  std::string reason{};  ///< "Not Found"; nothing depends on it.
  http_headers headers{};
  /// Whole, chunks put together, uncompressed where http_settings::decode asked for it; empty where
  /// it went to a sink or stays in a stream.
  std::string body{};
  bool was_encoded = false;  ///< It came compressed and was undone.
  http_headers trailers{};   ///< After a chunked body.
};

/// What a server may send.
struct http_limits {
  std::size_t header_max = std::size_t{64} << 10;    ///< Bytes, status line and trailers included.
  std::uint64_t body_max = std::uint64_t{16} << 20;  ///< Bytes that are kept in memory.
  std::uint32_t interim_max = 16;                    ///< 1xx responses before the final one.
};

/// Can the request be sent as it is? Fails with errc::invalid_input, in words, for a method,
/// target, header name or value that would end up as something else on the wire (RFC 9110
/// sections 5.1 and 5.5), and for fields that are not the caller's to set.
[[nodiscard]] result<> check(const http_request& request);

/// May it be sent again when there was no answer? GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110
/// section 9.2.2) and whatever carries an Idempotency-Key.
[[nodiscard]] bool is_idempotent(const http_request& request);

}  // namespace waitstate::client
