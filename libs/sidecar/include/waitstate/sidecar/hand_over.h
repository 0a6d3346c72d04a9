#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"

namespace waitstate::sidecar {

/// A listening socket that goes from one process to another, so that what waits in its queue is
/// served: by the name of its front, "127.0.0.1:8080".
struct handed_socket {
  std::string name;
  fd socket;
};
using handed_sockets = std::vector<handed_socket>;

/// How many go in one message, as the kernel has it (SCM_MAX_FD).
inline constexpr std::size_t handed_max = 253;

/// Sends sockets, and their names as lines, over a unix socket that may block.
[[nodiscard]] result<> send_sockets(int to, const handed_sockets& sockets);

/// What send_sockets() sent.
[[nodiscard]] result<handed_sockets> receive_sockets(int from);

/// Asks the sidecar whose admin socket this is for its listening sockets. It goes on with them:
/// from when the one that asks serves on them both do, until the first is told to end.
[[nodiscard]] result<handed_sockets> ask_for_sockets(const std::string& admin);

}  // namespace waitstate::sidecar
