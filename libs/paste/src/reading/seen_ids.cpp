#include "reading/seen_ids.h"

#include <algorithm>
#include <utility>

namespace waitstate::paste {
namespace {

constexpr std::size_t slots_min = 64;
/// 0 marks a free slot; two numbers of 2^64 are then one.
constexpr std::uint64_t in_place_of_zero = 0x9e3779b97f4a7c15ULL;

constexpr std::uint64_t stored(std::uint64_t id) {
  return id == 0 ? in_place_of_zero : id;
}

}  // namespace

/// Where it is, or the free slot where it would be.
std::size_t seen_ids::slot_of(std::uint64_t id) const {
  // The upper half of the product is well mixed; there are fewer slots than 2^32.
  auto slot = static_cast<std::size_t>((id * in_place_of_zero) >> 32U) & (slots_.size() - 1);
  while (slots_[slot] != 0 && slots_[slot] != id) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

void seen_ids::grow() {
  const auto before =
      std::exchange(slots_, std::vector<std::uint64_t>(std::max(slots_min, slots_.size() * 2)));
  for (const auto id : before) {
    if (id != 0) slots_[slot_of(id)] = id;
  }
}

bool seen_ids::contains(std::uint64_t id) const {
  return !slots_.empty() && slots_[slot_of(stored(id))] != 0;
}

bool seen_ids::meet(std::uint64_t id) {
  if (size_ >= ids_max) return contains(id);
  // Half of the slots stay free, so that a search is short.
  if (size_ * 2 >= slots_.size()) grow();
  auto& slot = slots_[slot_of(stored(id))];
  const bool is_known = slot != 0;
  if (!is_known) ++size_;
  slot = stored(id);
  return is_known;
}

}  // namespace waitstate::paste
