#pragma once

#include <cstdint>
#include <string>

namespace waitstate::sidecar {

/// A client, for a person: "php-fpm (pid 1234)" of a unix socket, as long as it lives; "the client
/// from port 41712" of TCP.
[[nodiscard]] std::string client_name(std::int64_t pid, std::uint16_t port);

}  // namespace waitstate::sidecar
