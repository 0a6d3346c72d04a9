#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "waitstate/client/core/call_record.h"
#include "waitstate/client/http/http_message.h"

namespace waitstate::client {

/// How a request's body is told from what comes after it.
struct http_framing {
  std::optional<std::uint64_t> length;  ///< Content-Length
  bool is_chunked = false;
};

[[nodiscard]] http_framing framing_of(const http_request& request);

/// What the settings add to a request's header.
struct http_head_extras {
  std::string_view host;
  std::string_view user_agent;
  bool says_close = false;
  bool expects_continue = false;
  std::string_view target_prefix;        ///< Before the target.
  std::string_view proxy_authorization;  ///< Empty: none.
  std::string_view accept_encoding;      ///< Unless the request says something of it; empty: none.
  /// In place of the request's own of that name; left out where they cannot be header fields.
  std::span<const call_field> fields;
};

/// Writes a checked request's head, to the empty line, after what is in `out`. Pure.
void append_head(std::string& out, const http_request& request, const http_framing& framing,
                 const http_head_extras& extras);

/// Writes a chunk; the last one when `piece` is empty.
void append_chunk(std::string& out, std::string_view piece);

/// Does it leave to us how its response's body may be encoded?
[[nodiscard]] bool may_be_encoded(const http_request& request);

/// Does it carry "Connection: close"?
[[nodiscard]] bool says_close(const http_request& request);

}  // namespace waitstate::client
