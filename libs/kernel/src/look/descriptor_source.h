#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "proc/descriptor_scan.h"
#include "waitstate/base/result.h"
#include "waitstate/kernel/list_sockets.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::kernel {

/// What was read of descriptors, and what the way of reading cost.
struct read_descriptors_outcome {
  descriptor_scan scan;
  std::optional<limit> lost;  ///< Why the faster way was not taken, where that would have paid.
};

/// So many TCP sockets on this host, in all namespaces, and it is cheaper to load a BPF program
/// than to read a link for each.
inline constexpr std::uint64_t sockets_worth_loading = 20'000;

/// Reads who holds what. With `kernel_source::automatic` by BPF where at least
/// `sockets_worth_loading` TCP sockets exist, or where links of /proc are refused and BPF is not;
/// else by the links. Fails only where BPF is demanded and cannot be had.
[[nodiscard]] result<read_descriptors_outcome> read_descriptors(
    kernel_source wanted, const std::function<void(std::uint64_t)>& progress);

}  // namespace waitstate::kernel
