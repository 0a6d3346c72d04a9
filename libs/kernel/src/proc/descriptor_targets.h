#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/process.h"

namespace waitstate::kernel {

/// What the descriptors of one process lead to, but for sockets, counted by target:
/// "/etc/hostname", "epoll", "pipe". Bounded: what comes after `targets_max` different ones is not
/// kept, and as the most frequent come early in any leak, it hardly matters.
class descriptor_targets {
 public:
  static constexpr std::size_t targets_max = 4'096;

  /// Takes the target of one link in /proc/PID/fd.
  void add(std::string_view target);

  /// The most frequent first, at most `most`; only those that more than one descriptor leads to.
  [[nodiscard]] std::vector<fd_target> most_frequent(std::size_t most) const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

/// Reads the targets of a live process; empty where we may not, or it has gone. Looks at 65,536
/// descriptors at most.
[[nodiscard]] descriptor_targets read_targets(std::int32_t pid);

}  // namespace waitstate::kernel
