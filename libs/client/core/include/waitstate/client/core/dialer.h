#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/tls_files.h"

namespace waitstate::client {

/// How connections are made. The default is plain TCP.
struct dial_settings {
  duration connect_time_max = std::chrono::seconds(2);  ///< TCP, TLS and `prepare` together.
  /// TCP_NODELAY: requests are written whole, there is nothing to gather.
  bool no_delay = true;
  /// SO_KEEPALIVE with the times below: a server that vanished is noticed in a minute.
  bool keep_alive = true;
  std::chrono::seconds keep_alive_idle{30};      ///< Silence before the first probe.
  std::chrono::seconds keep_alive_interval{10};  ///< Between probes.
  int keep_alive_probes = 3;                     ///< Unanswered ones that end the connection.
  /// TCP_USER_TIMEOUT: how long sent bytes may stay unacknowledged; 0 leaves the kernel's.
  std::chrono::milliseconds user_timeout{30'000};
  /// Source addresses, used in turn (those of the destination's family), each with
  /// IP_BIND_ADDRESS_NO_PORT so that ports stay shared between destinations; empty leaves the
  /// choice to the kernel.
  std::vector<std::string> source_addresses{};
  /// Not null: TLS, of version 1.2 at least. The server's certificate is verified, with what the
  /// context trusts, and its subjectAltNames against `tls_host` (or the endpoint's host).
  std::shared_ptr<asio::ssl::context> tls{};
  /// In place of `tls`: a context that follows its files, and has our certificate for servers that
  /// ask for one.
  std::shared_ptr<tls_from_files> tls_files{};
  /// Where a server offers it, the TLS session of an earlier connection is taken up again, which
  /// saves it and us the costly half of the handshake.
  bool tls_resume = true;
  /// Runs on a new connection before TLS does, as a proxy's CONNECT has to.
  std::function<task<>(connection_ptr)> before_tls{};
  std::string tls_host{};  ///< Whose certificate is expected; empty: the endpoint's host.
  bool tls_verify = true;  ///< False accepts any certificate, whatever the context says.
};

class server_addresses;
class tls_sessions;

/// A context that verifies the peer with the system's certificates.
[[nodiscard]] result<std::shared_ptr<asio::ssl::context>> verifying_tls();

/// Was it this machine that had no descriptor, memory, port or source address for a connection?
/// That says nothing about the server.
[[nodiscard]] bool is_own_shortage(const error& why);

/// Connects to `to` before `deadline`, or says why not: "connect 10.0.0.7:80: Connection refused".
/// A name with several addresses is one server: they are tried one soon after the other (RFC 8305),
/// and the first that answers is taken. `turn` chooses the source address, and where to begin;
/// `sessions` are those of earlier connections to it, `known` what is known of its addresses; both
/// may be null.
[[nodiscard]] task<connection_ptr> dial(asio::any_io_executor executor, endpoint to,
                                        dial_settings settings, std::uint64_t turn,
                                        time_point deadline,
                                        std::shared_ptr<tls_sessions> sessions = {},
                                        std::shared_ptr<server_addresses> known = {});

}  // namespace waitstate::client
