#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/endpoint.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::diagnosis {

/// The ports that connect() may choose from in one network namespace.
struct port_supply {
  tcp::port_range range;
  /// The source does not show the range: it is the system's default.
  bool range_assumed = false;
  /// It is not the default: too many of the ports that were seen lie outside of that.
  bool range_from_ports = false;
  std::uint64_t size = 0;
  std::uint64_t reserved = 0;  ///< Of the range, in ip_local_reserved_ports.
  /// Of the range and not reserved: held by a bind(). connect() skips them whatever it connects to.
  std::uint64_t bind_owned = 0;

  /// What is left for connections that let connect() choose their port.
  [[nodiscard]] std::uint64_t usable() const {
    const auto taken = reserved + bind_owned;
    return taken > size ? 0 : size - taken;
  }
};

/// The supply of a namespace. Where the range was not seen it is the default of the system.
[[nodiscard]] port_supply supply_of(const snapshot& s, std::uint32_t net_namespace);

/// Does connect() take over the port of a TIME-WAIT socket here, and how soon?
struct reuse_policy {
  enum class scope : std::uint8_t { never, loopback, always };
  scope applies = scope::never;
  /// What tcp_tw_reuse says; nullopt where the source does not show it.
  std::optional<std::int64_t> setting;
  /// A paste that does not show it, of Linux or of what looks like it: the default of 2 is taken.
  bool assumed = false;
  /// The setting would allow it but tcp_timestamps is 0.
  bool without_timestamps = false;
  /// Older than this. Before Linux 6.14 the kernel counts whole seconds: taken as 1 s.
  std::chrono::milliseconds delay{1'000};
};

/// net.ipv4.tcp_tw_reuse, tcp_tw_reuse_delay and tcp_timestamps of a namespace. Where a paste of
/// Linux does not show the setting, it is the default since 4.19 (loopback), unless an error says
/// that connect() found no port; elsewhere "never": free ports are not promised on a guess.
[[nodiscard]] reuse_policy reuse_of(const snapshot& s, std::uint32_t net_namespace);

/// The supply and the policy of every namespace of a snapshot.
class port_table {
 public:
  explicit port_table(const snapshot& s);
  /// A namespace that the snapshot does not have gets the defaults of its system.
  [[nodiscard]] const port_supply& supply(std::uint32_t net_namespace) const;
  [[nodiscard]] const reuse_policy& reuse(std::uint32_t net_namespace) const;

 private:
  struct row {
    port_supply supply;
    reuse_policy reuse;
  };
  [[nodiscard]] const row& of(std::uint32_t net_namespace) const;

  std::vector<row> rows_;  ///< By namespace; the last is of those that are not in the snapshot.
};

/// How many ports are left to one destination: from one source address to one remote address and
/// port, in one network namespace (`__inet_hash_connect`, docs/kernel.md). Plain counts:
/// free = usable - flows + reusable.
struct port_headroom {
  std::uint32_t net_namespace = 0;
  tcp::address source;        ///< None where the source of the snapshot does not tell.
  tcp::endpoint destination;  ///< Its address is none where only the port is known.
  port_supply supply;
  reuse_policy reuse;

  /// Connections to it whose local port is in the range, in any state; by state below.
  std::uint64_t flows = 0;
  std::uint64_t time_wait = 0;
  std::uint64_t fin_wait_2 =
      0;  ///< Ownerless or not: never taken over (Linux 6.12 and its stables).
  std::uint64_t established = 0;
  /// The lowest and the highest local port of those in TIME-WAIT; 0 where none is known.
  std::uint16_t closed_port_low = 0;
  std::uint16_t closed_port_high = 0;
  bool closed_ports_share_parity = false;  ///< All of them odd, or all even.
  /// Of `time_wait`: connect() may take their port now.
  std::uint64_t reusable = 0;
  /// Ports left, never below 0.
  std::uint64_t free = 0;

  double closes_per_second = 0;         ///< Over the last 60 s, from the TIME-WAIT timers.
  double recent_closes_per_second = 0;  ///< Over the last 10 s.
  /// Between two looks, of the connections that no timer ends.
  std::optional<double> growth_per_second;
  /// When the last port goes if things go on as they are; nullopt: not within 10 minutes.
  std::optional<std::chrono::seconds> exhausted_in;

  owner_ref owner;  ///< Of the most connections among those whose owner is known.
  /// Rows without a direction: outbound because only their remote port is a service's; or counts
  /// for a port of which no listener is seen.
  bool direction_guessed = false;

  [[nodiscard]] std::uint64_t used() const {
    const auto usable = supply.usable();
    return free > usable ? 0 : usable - free;
  }
  /// At most so many connections to it can be in TIME-WAIT, shown or not, by the local ports of
  /// those that are: Linux hands out the ports to one destination in ascending order, every second
  /// one first (`__inet_hash_connect`). Nothing on other systems, for a handful of rows, and where
  /// they reach an end of the range, so that the order may go on at the other one.
  [[nodiscard]] std::optional<std::uint64_t> closed_at_most(os_family os) const;
  /// At most 5 % free: connect() scans the range in vain for most of its ports, and the next burst
  /// takes the rest.
  [[nodiscard]] bool is_exhausted() const { return free * 100 <= supply.usable() * 5; }
  /// At least half is used, so that connect() scans the ports of both parities: the first pass
  /// takes only those of the parity of the range's first port (Linux 4.2).
  [[nodiscard]] bool scans_both_parities() const { return used() * 2 >= supply.usable(); }
};

/// Every destination that is connected to, the one with the fewest ports left first; at most
/// `most`. Connections whose remote port is not known are in none.
[[nodiscard]] std::vector<port_headroom> headrooms_of(const snapshot& s, const port_table& ports,
                                                      std::size_t most = 1'024);

/// Do the connections of this group count against a destination? We opened them, as far as is
/// known; where that is a guess, their destination has an address.
[[nodiscard]] bool has_destination(const snapshot& s, const socket_group& group);

}  // namespace waitstate::diagnosis
