#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "waitstate/tcp/state.h"

namespace waitstate {

/// How many sockets are in each state.
class state_counts {
 public:
  void add(tcp::state s, std::uint64_t count) { counts_[static_cast<std::size_t>(s)] += count; }
  [[nodiscard]] std::uint64_t of(tcp::state s) const {
    return counts_[static_cast<std::size_t>(s)];
  }
  [[nodiscard]] std::uint64_t total() const;
  void add_all(const state_counts& other);

  friend bool operator==(const state_counts&, const state_counts&) = default;

 private:
  std::array<std::uint64_t, tcp::state_count> counts_{};
};

}  // namespace waitstate
