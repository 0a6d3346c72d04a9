#pragma once

#include <optional>

#include "waitstate/client/http/http_message.h"
#include "waitstate/client/http/http_url.h"

namespace waitstate::client {

/// What a redirect asks for: the request as it goes on. Nothing when the response is none, or the
/// request cannot be sent again; an error when its Location is no http URL. Pure.
[[nodiscard]] result<std::optional<http_request>> redirected(const http_request& request,
                                                             const http_url& from,
                                                             const http_response& response);

/// A status that may lead elsewhere.
[[nodiscard]] bool is_redirect(std::uint16_t status);

}  // namespace waitstate::client
