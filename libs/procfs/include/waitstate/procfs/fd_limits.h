#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::procfs {

/// RLIMIT_NOFILE: how many descriptors a process may have, and how far it may raise that itself.
/// Nothing where it is not known or there is none.
struct fd_limits {
  std::optional<std::uint64_t> soft;
  std::optional<std::uint64_t> hard;

  friend bool operator==(const fd_limits&, const fd_limits&) = default;
};

/// Reads the line of /proc/PID/limits; nothing for any other line.
///   Max open files            1024                 524288               files
[[nodiscard]] std::optional<fd_limits> read_fd_limits(std::string_view line);

/// Reads the whole file.
[[nodiscard]] fd_limits parse_fd_limits(std::string_view limits);

}  // namespace waitstate::procfs
