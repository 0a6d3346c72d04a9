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
  std::string host;        ///< The name.
  std::uint16_t port = 0;  ///< Of every address that it has.
  /// How often the name is looked up again, less up to a tenth at random.
  duration refresh = std::chrono::seconds(30);
  /// After a failed look-up; doubles up to `refresh`.
  duration retry = std::chrono::seconds(1);
  /// Who looks the name up: the system's resolver unless set. That one blocks, and has a thread of
  /// its own for as long as it takes; at most 32 at a time.
  std::function<task<std::vector<endpoint>>(std::string host, std::uint16_t port)> resolve;
};

/// The addresses (A and AAAA) that a name has, looked up again and again. With TLS, set
/// dial_settings::tls_host to the name, as the endpoints are addresses.
[[nodiscard]] std::shared_ptr<endpoint_source> dns_source(asio::any_io_executor executor,
                                                          dns_settings settings);

}  // namespace waitstate::client
