#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

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
