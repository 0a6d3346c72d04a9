#pragma once

#include <string>

#include "front/service.h"
#include "waitstate/client/core/connection.h"

namespace waitstate::sidecar {

struct tunnel_settings {
  duration idle_max{0};  ///< Both ends silent for so long: it ends; 0: never.
  /// How long the server has, after the client's end, to end by itself, as most do: then no
  /// TIME-WAIT stays here. Afterwards it is reset, which leaves none either.
  duration server_end_max = std::chrono::seconds(1);
};

/// Carries bytes between a client and a server, both ways, until both have ended or one has broken.
/// The connection is of no further use. `first`: what the client has sent already.
asio::awaitable<void> run_tunnel(client_connection* who, client::connection_ptr server,
                                 tunnel_settings settings, std::string first = {});

}  // namespace waitstate::sidecar
