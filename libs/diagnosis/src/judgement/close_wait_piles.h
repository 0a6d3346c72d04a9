#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// The CLOSE-WAIT sockets of one owner to one destination (outbound) or on one listening port
/// (inbound), with what is ESTABLISHED between the same two for comparison.
struct pile {
  std::uint32_t net_namespace = 0;
  owner_ref owner;
  /// Outbound: the destination. Inbound: the listening port, with its address where the sockets
  /// have one only.
  tcp::endpoint endpoint;
  socket_group close_wait;
  socket_group established;
  std::size_t peers = 0;  ///< Different remote addresses among the CLOSE-WAIT, as far as known.
  bool is_rows = false;   ///< The source had a row for each socket; not a mere count.
};

/// Did the source show who holds any socket, so that "nobody" means something?
[[nodiscard]] bool shows_owners(const snapshot& s);

/// The piles of one side that have CLOSE-WAIT sockets, most of them first.
[[nodiscard]] std::vector<pile> piles_of(const snapshot& s, direction side);

/// All piles of one owner: their sum, and the parts, most CLOSE-WAIT first.
struct holding {
  pile total;
  std::vector<pile> piles;
};
[[nodiscard]] std::vector<holding> holdings_of(const snapshot& s, direction side);

/// More came than an ordinary burst brings: at least 5 over the interval, and a tenth of all or as
/// many as if none had gone since the oldest came.
[[nodiscard]] bool is_growing(const snapshot& s, const socket_group& close_wait);

/// Do they come at a steady rate, and does none go? Live, of one look: as many as there would be if
/// those of the last ten seconds had come at the same rate since the oldest did. 20 of them or
/// more, over 20 seconds or longer.
[[nodiscard]] bool accumulates(const snapshot& s, const socket_group& g);

/// Whether a number of CLOSE-WAIT sockets stands out in what was pasted. A healthy host has a few
/// at any time, so a few among many others are no subject.
[[nodiscard]] bool stands_out(const snapshot& s, std::uint64_t close_wait,
                              std::uint64_t established, bool is_rows);

/// TLS says goodbye with one record before the FIN: 24 bytes in TLS 1.3, 31 with AES-GCM in 1.2.
/// Less than this unread, the FIN aside, may be that and no data.
inline constexpr std::uint64_t tls_goodbye_max = 64;

/// How much of its descriptors a process spends on some sockets.
struct descriptor_use {
  std::uint64_t held = 0;   ///< By these sockets.
  std::uint64_t open = 0;   ///< By the process.
  std::uint64_t limit = 0;  ///< 0 where it is not known.
};
/// Nothing where the owner or its descriptor count is not known.
[[nodiscard]] std::optional<descriptor_use> descriptors_of(const snapshot& s,
                                                           const owner_ref& owner,
                                                           std::uint64_t held);
/// These sockets take half of what the process may hold, or most of what it holds near its limit.
[[nodiscard]] bool eats_descriptors(const std::optional<descriptor_use>& use);

}  // namespace waitstate::diagnosis
