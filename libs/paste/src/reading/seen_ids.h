#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace waitstate::paste {

/// A set of numbers that were met, in a flat table: a quarter of a million in four megabytes. Past
/// its bound it takes no more, and still knows those it has.
class seen_ids {
 public:
  static constexpr std::size_t ids_max = 262'144;

  /// Was it met before? Then it is met now.
  bool meet(std::uint64_t id);
  [[nodiscard]] bool contains(std::uint64_t id) const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t id) const;
  void grow();

  std::vector<std::uint64_t> slots_;  ///< A power of two; 0 is a free one.
  std::size_t size_ = 0;
};

}  // namespace waitstate::paste
