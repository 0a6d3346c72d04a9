#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "waitstate/tcp/endpoint.h"

namespace waitstate::paste {

/// A TCP row of `conntrack -L`, of `conntrack -E`, or of /proc/net/nf_conntrack.
///   tcp 6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=51234 dport=80 src=10.0.0.2 ...
///   [ASSURED]
struct tracked_flow {
  std::string_view state;  ///< A view into the line: "SYN_SENT", "TIME_WAIT".
  tcp::flow opened;        ///< Of the packet that opened it; local is who did.
  bool unreplied = false;

  friend bool operator==(const tracked_flow&, const tracked_flow&) = default;
};

[[nodiscard]] std::optional<tracked_flow> read_tracked_flow(std::string_view line);

/// "conntrack v1.4.6 (conntrack-tools): 123 flow entries have been shown.": how many.
[[nodiscard]] std::optional<std::uint64_t> read_tracked_total(std::string_view line);

}  // namespace waitstate::paste
