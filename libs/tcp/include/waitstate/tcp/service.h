#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::tcp {

/// What usually answers on a port. A hint from the number alone, never proof.
enum class service_kind : std::uint8_t {
  other,
  web,       ///< HTTP and HTTPS.
  database,  ///< SQL and document stores.
  cache,     ///< Redis, memcached.
  queue,     ///< Message brokers.
  metrics,   ///< Exporters, health and admin ports.
  name,      ///< DNS.
};

struct service {
  std::uint16_t port;
  std::string_view name;  ///< As /etc/services spells it where it is listed there.
  service_kind kind;
};

/// The service of a well-known port, or nothing.
[[nodiscard]] std::optional<service> service_of(std::uint16_t port);

/// The port that netstat, lsof and ss print as this name when asked to resolve ("https",
/// "afs3-fileserver", "webcache"). Names of many /etc/services are known; case matters not.
[[nodiscard]] std::optional<std::uint16_t> port_of_service(std::string_view name);

}  // namespace waitstate::tcp
