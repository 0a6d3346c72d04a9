#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/http_head.h"

namespace waitstate::sidecar {

/// Appends the head of a request as it goes to a server: in origin-form, with HTTP/1.1, its own
/// framing and what of the lines is sent on. `host`: where the client has none, and where
/// `replaces_host`. `opens_tunnel`: the Upgrade line goes along.
void append_request_head(std::string& to, const request_head& head, std::string_view host,
                         bool replaces_host, bool opens_tunnel);

/// What the client is told of its connection.
struct client_framing {
  int minor_version = 1;  ///< Of its request.
  bool keeps_open = true;
  bool opens_tunnel = false;
};

/// Appends the head of a response as it goes to a client, but for the empty line at its end.
/// `body` is the framing towards the client: with body_end::close it says that the connection ends.
void append_response_head(std::string& to, const response_head& head, const body_framing& body,
                          const client_framing& client);

/// A response that is the sidecar's own: status, Proxy-Status (RFC 9209) with the kind of error,
/// and the reason as its text, which `is_head` leaves out.
struct own_response {
  int status = 503;
  std::string_view kind;  ///< "connection_timeout": RFC 9209 section 2.3.
  std::string_view why;
};
void append_own_response(std::string& to, const own_response& what, const client_framing& client,
                         bool is_head);

/// "Bad Gateway", of those that the sidecar says itself.
[[nodiscard]] std::string_view reason_of(int status);

}  // namespace waitstate::sidecar
