#pragma once

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/connection.h"

namespace waitstate::client {

/// The start of a Mux connection, before its first call: asks whether the server speaks Mux (an
/// Rerr that it must send back as it is) and, where it knows Tinit, agrees on version 1. Fails with
/// errc::corrupt for anything else than Mux.
///
/// Source: Finagle's Mux protocol, "Version negotiation".
task<> greet_as_mux(connection_ptr made);

}  // namespace waitstate::client
