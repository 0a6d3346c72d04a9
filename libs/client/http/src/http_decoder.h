#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::client {

/// Undoes a body's Content-Encoding as it comes. Its memory is bounded, whatever the server sends:
/// 32 KiB for gzip, 16 MiB for br, 8 MiB for zstd (RFC 9659).
class http_decoder {
 public:
  http_decoder() = default;
  http_decoder(const http_decoder&) = delete;
  http_decoder& operator=(const http_decoder&) = delete;
  virtual ~http_decoder() = default;

  /// Takes from the front of `in` and appends to `out`, about `out_max` bytes at most: as long as
  /// `in` is not empty, or `has_more()`, there may be more to come out.
  virtual result<> put(std::string_view& in, std::string& out, std::size_t out_max) = 0;
  /// Something may come out without anything going in.
  [[nodiscard]] virtual bool has_more() const = 0;
  /// The body is over. Fails when that is in the middle.
  [[nodiscard]] virtual result<> end() const = 0;
};

/// For the value of a Content-Encoding header: gzip, x-gzip, deflate, br, zstd; null for any other
/// one, and for several, which are left to the caller.
[[nodiscard]] std::unique_ptr<http_decoder> http_decoder_for(std::string_view content_encoding);

/// What to ask servers for: "gzip, deflate, br, zstd".
inline constexpr std::string_view http_decoded_encodings = "gzip, deflate, br, zstd";

/// Decodes a whole body in place. Fails when it would be longer than `body_max`, so that a few
/// bytes cannot become gigabytes.
[[nodiscard]] result<> decode_body(http_decoder& by, std::string& body, std::uint64_t body_max);

}  // namespace waitstate::client
