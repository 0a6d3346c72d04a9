#pragma once

#include <string>
#include <string_view>

#include "waitstate/base/result.h"

namespace waitstate::sidecar {

/// Asks a running sidecar on its unix socket, "GET" "/status" (see admin_server), and waits five
/// seconds at most for what it says. Fails when nobody listens there, with a hint, and with what
/// the sidecar says when it refuses.
[[nodiscard]] result<std::string> ask_admin(const std::string& path, std::string_view method,
                                            std::string_view target, std::string body = {});

}  // namespace waitstate::sidecar
