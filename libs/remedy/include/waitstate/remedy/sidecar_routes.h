#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::remedy {

/// A route of `waitstate sidecar` that spares a program a connection for each call.
struct sidecar_route {
  std::string name;              ///< "redis-10.0.0.5"; no two routes have the same.
  std::string_view scheme;       ///< What is spoken, told by the port: "http", "redis" or "tcp".
  tcp::endpoint destination;     ///< Where the program connects to now.
  std::string server;            ///< The same as text: "10.0.0.5:6379".
  std::uint16_t front_port = 0;  ///< Of 127.0.0.1; nobody listens there.

  std::string program;  ///< Who connects; empty where that was not seen.
  std::uint64_t time_wait = 0;
  double closes_per_second = 0;
};

struct sidecar_routes {
  static constexpr std::size_t most = 32;

  std::vector<sidecar_route> routes;  ///< What holds the most ports first.
  std::size_t left_out = 0;           ///< Past `most`.
};

/// The routes that would help: for each destination to which most connections were closed, by this
/// host, and next to none stays open. Not for those of a reverse proxy, which keeps connections
/// itself when it is told to. Of the first namespace.
[[nodiscard]] sidecar_routes suggest_sidecar_routes(const snapshot& s);

/// As a file that `waitstate sidecar --config` reads, with what each is for in comments. Without a
/// route it is a comment that says so.
[[nodiscard]] std::string to_toml(const sidecar_routes& all);

}  // namespace waitstate::remedy
