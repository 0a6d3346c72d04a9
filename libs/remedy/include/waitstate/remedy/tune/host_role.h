#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::remedy {

/// What a host does with TCP, as far as it decides which settings help.
enum class host_role : std::uint8_t {
  web_server,     ///< Takes connections and answers.
  load_balancer,  ///< A reverse proxy: a connection to one of a few places for each that it takes.
  proxy,          ///< The same, to many places.
  database_client,  ///< Connects to databases, caches and queues.
  crawler,          ///< Connects to many web servers.
  client,           ///< Connects to a few places.
};
inline constexpr std::array all_host_roles{host_role::web_server, host_role::load_balancer,
                                           host_role::proxy,      host_role::database_client,
                                           host_role::crawler,    host_role::client};
/// "web-server", "load-balancer", "proxy", "database-client", "crawler", "client".
[[nodiscard]] std::string_view to_string(host_role r);
/// Of exactly such a name.
[[nodiscard]] std::optional<host_role> parse_host_role(std::string_view name);

/// Which side ends connections: it has their TIME-WAIT, and a client's keeps a port with it.
enum class first_closer : std::uint8_t {
  unknown,
  this_host,
  other_end,
  both,  ///< Now the one, now the other.
};
[[nodiscard]] std::string_view to_string(first_closer c);

/// The connections of a role with one side: those that it takes, or those that it makes.
struct role_leg {
  std::uint64_t established = 0;
  std::uint64_t time_wait = 0;
  std::uint64_t half_closed = 0;  ///< CLOSE-WAIT and LAST-ACK: the other end closed first.
  std::uint64_t fin_wait_2 = 0;   ///< Without an owner.
  double closes_per_second = 0;   ///< Those that ended in TIME-WAIT here.
  first_closer closer = first_closer::unknown;

  [[nodiscard]] std::uint64_t total() const {
    return established + time_wait + half_closed + fin_wait_2;
  }
};

/// One program in one role.
struct seen_role {
  static constexpr std::size_t ports_max = 8;

  host_role role = host_role::client;
  std::string program;  ///< Its name; empty where the connections have no owner any more.
  std::vector<std::uint16_t> ports;  ///< That it serves, the lowest first; at most `ports_max`.
  role_leg taken;                    ///< Of connections that it takes.
  role_leg made;                     ///< Of those that it makes.
  std::size_t destinations = 0;      ///< Places that it connects to.
  /// The place with the fewest ports left.
  std::optional<diagnosis::port_headroom> tightest;
};

/// The roles of one network namespace, from its connections: the one with the most connections
/// first. Which side closes first is told from what the closes left behind, and with two looks from
/// how many connections are opened for each that ended here.
[[nodiscard]] std::vector<seen_role> roles_of(const snapshot& s, std::uint32_t net_namespace,
                                              std::span<const diagnosis::port_headroom> headrooms);

}  // namespace waitstate::remedy
