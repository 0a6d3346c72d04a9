#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "waitstate/snapshot/socket_record.h"
#include "waitstate/tcp/endpoint.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate {

/// Which side opened a connection.
enum class direction : std::uint8_t {
  unknown,
  outbound,  ///< We connected.
  inbound,   ///< A listener of ours accepted, or will.
};

inline constexpr std::array all_directions{direction::unknown, direction::outbound,
                                           direction::inbound};

[[nodiscard]] std::string_view to_string(direction d);
/// Of exactly such a name.
[[nodiscard]] std::optional<direction> parse_direction(std::string_view name);

/// Where listeners are, for telling directions. Cheap to ask a million times, however many
/// addresses one port has. Past the bound a listener is left out.
class listener_index {
 public:
  static constexpr std::size_t listeners_max = 262'144;

  void add(std::uint32_t net_namespace, const tcp::endpoint& local);
  /// Does a listener of the namespace take connections to this local endpoint?
  [[nodiscard]] bool accepts(std::uint32_t net_namespace, const tcp::endpoint& local) const;

 private:
  struct port {
    bool takes_any_address = false;
    std::unordered_set<tcp::address> addresses;
  };
  std::unordered_map<std::uint64_t, port> ports_;
  std::size_t count_ = 0;
};

/// Tells the direction of a connection:
/// inbound when a listener takes its local endpoint;
/// outbound when a listener of the same namespace takes its remote endpoint and that is on this
/// host (the two ends of a loopback connection); else by the ephemeral range: a local port inside
/// it and a remote one outside is outbound, the reverse is inbound (the listener is gone), and
/// anything else is unknown. `range` is nullopt where the source does not know it.
[[nodiscard]] direction direction_of(const socket_record& s, const listener_index& listeners,
                                     const std::optional<tcp::port_range>& range);

}  // namespace waitstate
