#pragma once

#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::sidecar {

/// Opens a socket on which clients connect, of an address or of the path of a unix socket, which
/// does not block. `is_shared`: several loops listen on the same address (SO_REUSEPORT), and the
/// kernel gives each its part.
///
/// A unix socket that nobody listens on any more is replaced; it is for us and our group (0660). A
/// path where anything else is, or another sidecar listens, fails.
[[nodiscard]] result<fd> open_listener(const client::endpoint& at, bool is_shared);

}  // namespace waitstate::sidecar
