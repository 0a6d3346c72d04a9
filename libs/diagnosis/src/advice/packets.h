#pragma once

#include <cstdint>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

enum class packets : std::uint8_t {
  all,
  handshakes,  ///< SYN and SYN-ACK alone.
};

/// The tcpdump that shows whether packets to and from `peer` leave, arrive and are answered. What
/// is not known of the endpoint is HOST and PORT, to fill in.
[[nodiscard]] remedy watch_packets(const snapshot& s, const tcp::endpoint& peer, packets which);

}  // namespace waitstate::diagnosis
