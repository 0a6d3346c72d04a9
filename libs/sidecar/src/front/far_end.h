#pragma once

#include <cstdint>

#include "waitstate/base/fd.h"

namespace waitstate::sidecar {

/// Asks the kernel of the other ends of connections within this host. Of one thread.
///
/// A client that closes first waits in TIME-WAIT, and its port with it, once it has our FIN; a
/// reset instead ends it at once. But a client that only says that it sends no more (shutdown) may
/// still read, and would take the reset for a failure. Both send the same packet, and only the
/// kernel knows which it was.
class far_end {
 public:
  enum class state : std::uint8_t {
    elsewhere,  ///< On another host or in another network namespace, as far as the kernel says.
    held,       ///< A process has it open.
    let_go,     ///< Nobody has: nobody can notice how our end ends.
  };

  [[nodiscard]] state of(int socket);

  /// Ends a connection of TCP by a reset, as connect() to nowhere does. Unlike SO_LINGER it is not
  /// counted among the aborted ones (TCPAbortOnData), of which there are none here.
  static void reset(int socket);

 private:
  fd asking_;  ///< Opened when it is needed first.
};

}  // namespace waitstate::sidecar
