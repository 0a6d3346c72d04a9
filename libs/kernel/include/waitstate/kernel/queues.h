#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/watched_queue.h"

namespace waitstate::kernel {

/// Watches the queues of these ports of a snapshot and gives them back with what was taken from
/// them: connections that wait have no inode, and accept() gives them one.
///
/// Ends as soon as each of them was seen to take one, and after `moment` at the latest; costs a
/// list of the open sockets ten times a second meanwhile. `which` is look_options::net_namespace of
/// the snapshot, which is of this host and was taken just now. Empty where they cannot be listed;
/// bounded, at eight ports.
[[nodiscard]] std::vector<watched_queue> watch_queues(const snapshot& s, const std::string& which,
                                                      std::vector<watched_queue> ports,
                                                      std::chrono::milliseconds moment);

}  // namespace waitstate::kernel
