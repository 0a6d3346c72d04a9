#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "waitstate/snapshot/ended_connection.h"

namespace waitstate::kernel {

/// Understands one record of connections.bpf.c. `boot` is when CLOCK_BOOTTIME was 0. Nothing where
/// the bytes are of another size.
[[nodiscard]] std::optional<ended_connection> read_connection(
    std::span<const std::byte> bytes, std::chrono::system_clock::time_point boot);

}  // namespace waitstate::kernel
