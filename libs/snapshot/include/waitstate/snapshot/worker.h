#pragma once

#include <cstdint>

namespace waitstate {

/// A process beside the one that a listener is told by: a child of it that runs the same program,
/// or another holder of the listener. Such do the work in servers that fork: gunicorn, php-fpm,
/// Apache's prefork, puma, node's cluster.
struct worker {
  std::uint32_t process = 0;     ///< Index into snapshot::processes.
  std::uint32_t works_for = 0;   ///< The same, of the one that owns the listener.
  bool holds_listener = false;   ///< Else it gets its connections from the other one.
  bool is_same_program = false;  ///< Else it inherited the descriptor, and most likely by mistake.

  friend bool operator==(const worker&, const worker&) = default;
};

}  // namespace waitstate
