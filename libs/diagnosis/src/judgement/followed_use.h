#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "waitstate/snapshot/followed_connections.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/socket_record.h"

namespace waitstate::diagnosis {

/// What was followed of the connections at one place: to one destination, or of one listener.
struct followed_use {
  std::chrono::milliseconds watched{0};
  followed_flow total;  ///< Of all programs; its opener and closer are not set.
  owner_ref opener;     ///< Who opened most of them; unknown where none was opened meanwhile.
  std::uint64_t opened_by_it = 0;
  std::string started;         ///< As in followed_flow, of the opener.
  std::uint64_t programs = 0;  ///< As in followed_flow, of the opener.
  owner_ref closer;            ///< Who closed most of them here; unknown where nobody did.
  std::uint64_t closed_by_it = 0;

  [[nodiscard]] double opened_per_second() const;
  [[nodiscard]] double ended_per_second() const;
};

/// Nothing where connections were not followed, or none began or ended there meanwhile. Without an
/// address `end` is a port of any.
[[nodiscard]] std::optional<followed_use> followed_at(const snapshot& s,
                                                      std::uint32_t net_namespace, direction side,
                                                      const tcp::endpoint& end);

}  // namespace waitstate::diagnosis
