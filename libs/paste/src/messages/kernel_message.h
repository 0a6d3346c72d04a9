#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "messages/message_line.h"

namespace waitstate::paste {

/// Lines of the Linux, FreeBSD and Windows kernels about TCP, whatever stands before them (dmesg,
/// journalctl, syslog).
[[nodiscard]] std::optional<message_line> read_kernel_message(std::string_view line);

/// "net_ratelimit: 482 callbacks suppressed", "last message repeated 3 times": so many more of the
/// message beside it.
[[nodiscard]] std::optional<std::uint64_t> read_suppressed(std::string_view line);

}  // namespace waitstate::paste
