#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

inline constexpr std::string_view tcp_memory_setting = "net.ipv4.tcp_mem";

/// The buffers of all TCP sockets of the host against net.ipv4.tcp_mem, in pages.
struct tcp_memory_use {
  std::uint64_t used = 0;  ///< 0 where it was not seen.
  /// Below the first there is no care; from the second on the kernel is under pressure and keeps
  /// buffers small; past the third it drops.
  std::optional<std::array<std::uint64_t, 3>> thresholds;

  [[nodiscard]] bool is_pressed() const { return is_at(1); }
  [[nodiscard]] bool is_full() const { return is_at(2); }
  /// Both numbers were seen, and the kernel has no reason to save.
  [[nodiscard]] bool has_room() const { return used > 0 && thresholds && !is_pressed(); }

 private:
  [[nodiscard]] bool is_at(std::size_t threshold) const {
    return thresholds && (*thresholds)[threshold] > 0 && used >= (*thresholds)[threshold];
  }
};

[[nodiscard]] tcp_memory_use tcp_memory_use_of(const snapshot& s);

}  // namespace waitstate::diagnosis
