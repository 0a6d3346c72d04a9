#pragma once

#include <string>
#include <string_view>

#include "waitstate/sidecar/config.h"

namespace waitstate::sidecar {

/// Reads a front: "127.0.0.1:8080", "[::1]:8080", "unix:/run/api.sock" or "systemd:NAME". The host
/// of the first is an address, of a port from 1 on.
[[nodiscard]] result<front_address> parse_front(std::string_view text);

/// Reads one word of `to`: "http://10.0.0.5:80", "https://api.example", "redis://:word@cache/2",
/// "tcp://10.0.0.5:5432", "http+unix:/run/app.sock", "http+file:/etc/waitstate/api.servers",
/// "http+zk://10.0.0.1:2181,10.0.0.2:2181/services/search"; with `+file` and `+zk` the servers come
/// from there. Adds what it says to `into`. Fails when it contradicts what another word has said.
[[nodiscard]] result<> add_upstream(std::string_view text, bool is_first, route& into);

}  // namespace waitstate::sidecar
