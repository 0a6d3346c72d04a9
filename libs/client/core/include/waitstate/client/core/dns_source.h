#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/endpoint_source.h"

namespace waitstate::client {

struct dns_settings {
  std::string host{};      ///< The name.
  std::uint16_t port = 0;  ///< Of every address that it has.
  /// How often the name is looked up again, less up to a tenth at random.
  duration refresh = std::chrono::seconds(30);
  /// After a failed look-up; doubles up to `refresh`, and up to 5 s while nothing is known.
  duration retry = std::chrono::seconds(1);
  /// False: the name is one server, which its addresses lead to, as those of a host with IPv4 and
  /// IPv6 do. True: each address is a server with its own share of the calls and its own health, as
  /// those of a service are that DNS lists.
  bool each_address_is_a_server = false;
  /// Who looks the name up: the system's resolver unless set. That one blocks, and has a thread of
  /// its own for as long as it takes; at most 64 at a time.
  std::function<task<std::vector<endpoint>>(std::string host, std::uint16_t port)> resolve{};
};

/// The addresses (A and AAAA) that a name has, looked up again and again; connections to one that
/// is gone from it are given up. With TLS and dns_settings::each_address_is_a_server, set
/// dial_settings::tls_host to the name, as the endpoints are addresses then.
[[nodiscard]] std::shared_ptr<endpoint_source> dns_source(asio::any_io_executor executor,
                                                          dns_settings settings);

}  // namespace waitstate::client
