#pragma once

#include "waitstate/client/http/http_message.h"
#include "waitstate/client/http/http_url.h"

namespace waitstate::client {

/// Makes of `request`, which was for `from`, the one that a redirect asks for: its target is a URL
/// then. False, and nothing is changed, when the response is no redirect or the request cannot be
/// sent again; an error, and nothing is changed, when its Location is no http URL.
[[nodiscard]] result<bool> redirect(http_request& request, const http_url& from,
                                    const http_response& response);

/// A status that may lead elsewhere.
[[nodiscard]] bool is_redirect(std::uint16_t status);

}  // namespace waitstate::client
