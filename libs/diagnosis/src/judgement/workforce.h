#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// The processes that serve a listening port: those that hold connections of it, and those that
/// work for the listener's owner (snapshot::workers). Its owner is among them only where it holds
/// connections itself, or nobody else serves; a master that watches over others is not.
struct workforce {
  std::vector<owner_ref> workers;  ///< Those that hold a connection first; then by pid.
  std::size_t busy = 0;            ///< So many of them hold one.

  [[nodiscard]] bool all_busy() const { return busy > 0 && busy == workers.size(); }
  /// The one to look at: it holds a connection, or it runs while the others sleep.
  [[nodiscard]] owner_ref to_look_at(const snapshot& s) const;
};

/// Are they all stopped, by a signal or a debugger (state T or t)? Then nothing of it runs.
[[nodiscard]] bool is_stopped(const snapshot& s, const workforce& force);

[[nodiscard]] workforce workforce_of(const snapshot& s, std::uint32_t net_namespace,
                                     std::uint16_t port, const owner_ref& listening);

}  // namespace waitstate::diagnosis
