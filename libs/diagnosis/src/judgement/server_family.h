#pragma once

#include <cstdint>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Processes of one name that are each other's parent or children of one: a master and its workers.
[[nodiscard]] bool are_one_family(const process& a, const process& b);

/// Does a process listen on the port, or work for one that does? Such get a new socket for each
/// connection that they accept; of a server that forks the listener has the master's name.
[[nodiscard]] bool serves(const snapshot& s, const owner_ref& owner, std::uint32_t net_namespace,
                          std::uint16_t port);

}  // namespace waitstate::diagnosis
