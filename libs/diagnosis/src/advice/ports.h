#pragma once

#include <cstdint>
#include <vector>

#include "picture.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// More ports for the same connections, from the kernel: more addresses, a wider range, taking over
/// TIME-WAIT where timestamps allow. For when the connections cannot be kept, or not today.
/// Windows, macOS and the BSDs get their own settings.
[[nodiscard]] std::vector<remedy> find_more_ports(const picture& seen, std::uint32_t net_namespace,
                                                  bool mostly_time_wait);

/// A wider ip_local_port_range with the listeners inside it reserved; none when it is wide already.
[[nodiscard]] std::vector<remedy> widen_range(const picture& seen, std::uint32_t net_namespace);

/// The tcp_max_tw_buckets to set: as usual hosts have it, or twice what it is or what it holds.
[[nodiscard]] std::uint64_t time_wait_buckets_wanted(const network_namespace& ns);

/// IP_BIND_ADDRESS_NO_PORT as each runtime or proxy sets it.
[[nodiscard]] std::vector<remedy> bind_without_port(runtime r);

}  // namespace waitstate::diagnosis
