#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "look/flat_table.h"

namespace waitstate::kernel {

/// Which process owned a socket while it was alive: a TIME-WAIT keeps the cookie of its socket
/// when somebody had read it before (kernel.md 3.2), and nothing else that names its owner.
class cookie_owners {
 public:
  static constexpr std::size_t cookies_max = 2'000'000;

  explicit cookie_owners(std::size_t bound = cookies_max) : owners_(bound) {}

  /// Takes room for this many more at once.
  void reserve(std::size_t expected) { owners_.reserve(expected); }
  /// `process` is whatever number the caller has for it. Past the bound nothing more is kept.
  void insert(std::uint64_t cookie, std::uint32_t process);
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t cookie);

 private:
  // The cookie in halves: with alignment 4 an entry has 12 bytes, not 16.
  struct entry {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::uint32_t process = 0;
    [[nodiscard]] std::uint64_t key() const { return (std::uint64_t{high} << 32) | low; }
  };
  flat_table<entry> owners_;
};

}  // namespace waitstate::kernel
