#pragma once

#include "front/service.h"

namespace waitstate::sidecar {

/// Sends the end, and reads on for a second at most what the client still sends: closing at once
/// would take an answer away from it that it was given in the middle of what it says (RFC 9112
/// section 9.6). `who` outlives this.
asio::awaitable<void> linger(client_connection& who);

}  // namespace waitstate::sidecar
