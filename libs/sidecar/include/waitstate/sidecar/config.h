#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::sidecar {

/// What is spoken on a route, by clients and servers alike.
enum class protocol : std::uint8_t { http, redis, thrift, tcp };

inline constexpr std::array all_protocols{protocol::http, protocol::redis, protocol::thrift,
                                          protocol::tcp};
[[nodiscard]] std::string_view to_string(protocol p);

/// Where clients connect: an address of this host, the path of a unix socket, or a socket that the
/// service manager has opened already.
struct front_address {
  client::endpoint at;    ///< Nothing when `inherited` names a socket.
  std::string inherited;  ///< FileDescriptorName= of systemd.socket(5).

  friend bool operator==(const front_address&, const front_address&) = default;
};

/// As it is written: "127.0.0.1:8080", "unix:/run/api.sock", "systemd:api".
[[nodiscard]] std::string to_string(const front_address& front);

/// A ServerSet: "zk://10.0.0.1:2181,10.0.0.2:2181/services/search".
struct zookeeper_servers {
  std::string ensemble;
  std::string path;

  /// As the client library's parse_serverset_address() reads it.
  [[nodiscard]] std::string address() const { return "zk2!" + ensemble + "!" + path; }

  friend bool operator==(const zookeeper_servers&, const zookeeper_servers&) = default;
};

/// Where a route's servers are learned from; one of these is set.
struct upstream_servers {
  /// Names are looked up again and again; an address stands for itself.
  std::vector<client::endpoint> fixed;
  std::string file;  ///< One endpoint a line, read again when it changes.
  std::optional<zookeeper_servers> zookeeper;

  friend bool operator==(const upstream_servers&, const upstream_servers&) = default;
};

/// TLS towards the servers.
struct upstream_tls {
  std::string host;         ///< Whose certificate is expected; empty: the server's name.
  std::string authorities;  ///< A file; empty: whom the system trusts.
  std::string certificate;  ///< Ours, a file; empty: none.
  std::string key;          ///< Of `certificate`; empty: in the same file.
  bool verify = true;

  friend bool operator==(const upstream_tls&, const upstream_tls&) = default;
};

struct redis_login {
  std::string username;
  std::string password;
  std::uint32_t database = 0;
  std::string client_password;  ///< What clients have to give; empty: nothing is asked.

  friend bool operator==(const redis_login&, const redis_login&) = default;
};

/// Of Thrift. A method may be told with its service, "search:log", where clients multiplex.
struct thrift_options {
  bool is_mux = false;                     ///< Servers are spoken to in ThriftMux.
  std::vector<std::string> oneway;         ///< Methods that nobody answers, whatever their type.
  std::vector<std::string> idempotent;     ///< Methods that may be called again without an answer.
  std::uint32_t message_max = 16'384'000;  ///< In either direction.
  bool upgrade = true;    ///< New connections are asked for Finagle's upgrade; not of ThriftMux.
  std::string client_id;  ///< What upgraded servers and those of ThriftMux are told: "web.prod".
  std::string dest;       ///< The same: "/s/search".

  friend bool operator==(const thrift_options&, const thrift_options&) = default;
};

/// One route: clients of these fronts are served by these servers. Numbers are of each loop.
struct route {
  std::string name;
  std::vector<front_address> listen;
  protocol speaks = protocol::http;
  upstream_servers servers;
  std::optional<upstream_tls> tls;
  redis_login redis;
  thrift_options thrift;

  std::uint32_t connections_max = 64;  ///< To each server.
  std::uint32_t clients_max = 10'000;  ///< Past it a new client is closed, and counted.
  std::uint32_t queue_max = 1'024;     ///< Requests that wait for a connection.
  std::chrono::milliseconds idle_time_max{60'000};
  std::chrono::milliseconds lifetime_max{1'800'000};
  std::uint64_t requests_max = 0;  ///< Of one connection to a server; 0: no limit.
  std::chrono::milliseconds connect_time_max{2'000};
  std::chrono::milliseconds time_max{30'000};         ///< Of a request, retries included.
  std::chrono::milliseconds client_idle_max{60'000};  ///< Between two requests of a client.
  /// A client that holds a connection of its own (a tunnel, MULTI) and is silent for so long loses
  /// it; 0: never.
  std::chrono::milliseconds pinned_idle_max{600'000};
  std::uint32_t attempts_max = 3;  ///< Of an idempotent request; see client::retry_settings.
  client::balance_policy balance = client::balance_policy::p2c_least_loaded;
  std::vector<std::string>
      source_addresses;  ///< More addresses, more ports; see client::dial_settings.
  std::string host;  ///< Of HTTP: sent in place of the client's Host; empty: see docs/sidecar.md.
  bool explain = false;  ///< Responses say in a header what the sidecar did.

  friend bool operator==(const route&, const route&) = default;
};

/// Everything that a sidecar is told.
struct config {
  static constexpr std::size_t routes_max = 256;

  std::vector<route> routes;
  std::uint32_t threads = 1;  ///< Loops, each with pools of its own.
  std::string admin;          ///< Path of the unix socket for `sidecar ctl`; empty: none.
  std::optional<client::endpoint> status;  ///< Where /metrics, /healthz and /readyz are answered.
  std::string access_log;                  ///< A file, "-" for standard output; empty: none.
  std::chrono::milliseconds drain_time_max{30'000};  ///< After that what is left is ended.

  friend bool operator==(const config&, const config&) = default;
};

inline constexpr std::size_t config_bytes_max = std::size_t{1} << 20;
inline constexpr std::string_view usual_config_path = "/etc/waitstate/sidecar.toml";
inline constexpr std::string_view usual_admin_path = "/run/waitstate/sidecar.sock";

/// Reads a text of TOML. The shortest that says something:
///
///     [[route]]
///     name = "api"
///     listen = "127.0.0.1:8080"
///     to = "http://10.0.0.5:80"
///
/// docs/sidecar.md lists the keys. Errors say line and column, and what is known there.
[[nodiscard]] result<config> parse_config(std::string_view text);

/// parse_config() of a file that nobody else may write to; it names the file in errors.
[[nodiscard]] result<config> read_config(const std::string& path);

/// A sidecar of one route, as on a command line: "127.0.0.1:8080" to "http://10.0.0.5:80".
[[nodiscard]] result<config> single_route(std::string_view listen,
                                          const std::vector<std::string>& to);

}  // namespace waitstate::sidecar
