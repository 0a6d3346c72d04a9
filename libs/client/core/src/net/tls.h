#pragma once

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/dialer.h"

namespace waitstate::client {

/// Makes a connected connection a TLS one, as `settings` want it. TLS 1.2 is the least, whatever
/// the context allows (RFC 8996). A certificate is for the names among its subjectAltNames and for
/// no other; a wildcard is a whole label (RFC 9525).
///
/// Fails with what is wrong with the certificate, or with what the handshake met.
[[nodiscard]] task<> shake_hands(connection_ptr made, dial_settings settings,
                                 std::shared_ptr<tls_sessions> sessions);

}  // namespace waitstate::client
