#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "messages/message_line.h"

namespace waitstate::paste {

/// Lines of the Linux, FreeBSD and Windows kernels about TCP, whatever stands before them (dmesg,
/// journalctl, syslog).
[[nodiscard]] std::optional<message_line> read_kernel_message(std::string_view line);

/// So many more messages than the log shows.
struct suppressed_messages {
  std::uint64_t count = 0;
  /// Of any that share the kernel's net_ratelimit(); else of the one beside the line.
  bool of_any_kind = false;

  friend bool operator==(const suppressed_messages&, const suppressed_messages&) = default;
};

/// "net_ratelimit: 482 callbacks suppressed", "last message repeated 3 times".
[[nodiscard]] std::optional<suppressed_messages> read_suppressed(std::string_view line);

}  // namespace waitstate::paste
