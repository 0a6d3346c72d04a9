#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/fd.h"

namespace waitstate::netlab {

/// Plain blocking sockets for programs under test. Everything throws std::system_error when it
/// fails. Addresses are numeric, of either family.

struct where {
  std::string address;
  std::uint16_t port;
};

[[nodiscard]] fd listen_on(const where& at, int backlog = 512);
[[nodiscard]] fd accept_from(const fd& listener);
[[nodiscard]] fd connect_to(const where& to);
/// Binds `from` with port 0 first, without IP_BIND_ADDRESS_NO_PORT.
[[nodiscard]] fd connect_from(const std::string& from, const where& to);
/// Binds a port that may have been another connection's a moment ago (SO_REUSEADDR).
[[nodiscard]] fd connect_from(const where& from, const where& to);

/// Waits until the peer's FIN is here.
void wait_for_end(const fd& connection);
void send_bytes(const fd& connection, std::size_t count);
void read_bytes(const fd& connection, std::size_t count);
/// Reads everything up to and including the end of stream.
void read_to_end(const fd& connection);

/// Accepts for ever and calls `serve` with each connection, which it may keep by moving it away.
[[noreturn]] void serve_all(const fd& listener, const std::function<void(fd)>& serve);

}  // namespace waitstate::netlab
