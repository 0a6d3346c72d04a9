#pragma once

#include <cstddef>
#include <cstdint>

#include "look/flat_table.h"

namespace waitstate::kernel {

/// The cookies that a look has met: a dump may repeat a socket whose hash chain changed while it
/// ran (kernel.md 3.1). 8 to 12 bytes a socket.
class cookie_set {
 public:
  static constexpr std::size_t cookies_max = 8'000'000;

  explicit cookie_set(std::size_t bound = cookies_max) : cookies_(bound) {}

  /// Takes room for this many more at once.
  void reserve(std::size_t expected) { cookies_.reserve(expected); }
  /// True the first time. A cookie of 0 (not known) is always new, and so is every cookie once
  /// the set is full; those are counted.
  bool insert(std::uint64_t cookie);
  [[nodiscard]] std::uint64_t unchecked() const { return unchecked_; }

 private:
  struct entry {
    std::uint64_t cookie = 0;
    [[nodiscard]] std::uint64_t key() const { return cookie; }
  };
  flat_table<entry> cookies_;
  std::uint64_t unchecked_ = 0;
};

}  // namespace waitstate::kernel
