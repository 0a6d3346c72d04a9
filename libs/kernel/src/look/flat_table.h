#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace waitstate::kernel {

/// A hash table for millions of small entries: open addressing in one array, no pointers, at most
/// 4/5 full, grows by half. An Entry is a small trivial struct with `std::uint64_t key() const`;
/// key 0 is an empty slot, so it cannot be stored. Nothing is ever erased.
///
/// Not for use by several threads at once. Pointers into it live until the next insert().
template <class Entry>
class flat_table {
 public:
  /// Holds at most `entries_max`.
  explicit flat_table(std::size_t entries_max) : entries_max_(entries_max) {}

  /// Takes room for `more` entries at once, within the bound: growing by itself needs the old and
  /// the new array at the same time.
  void reserve(std::size_t more) {
    const auto wanted = slots_for(std::min(size_ + std::min(more, entries_max_), entries_max_));
    if (wanted > slots_.size()) resize(wanted);
  }

  struct insertion {
    Entry* entry;   ///< The one in the table; nullptr when the table is full.
    bool inserted;  ///< False: there was one with this key, or the table is full.
  };

  /// Puts `e` in, unless there is an entry with its key already.
  insertion insert(const Entry& e) {
    assert(e.key() != 0);
    if (needs_room()) resize(std::max<std::size_t>(64, slots_.size() + slots_.size() / 2));
    auto& slot = slot_of(e.key());
    if (slot.key() != 0) return {&slot, false};
    if (size_ >= entries_max_) return {nullptr, false};
    slot = e;
    ++size_;
    return {&slot, true};
  }

  /// The entry with this key, or nullptr.
  [[nodiscard]] Entry* find(std::uint64_t key) {
    if (key == 0 || slots_.empty()) return nullptr;
    auto& slot = slot_of(key);
    return slot.key() == 0 ? nullptr : &slot;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool full() const { return size_ >= entries_max_; }
  /// Every slot, empty ones (key 0) among them, in no order.
  [[nodiscard]] std::span<const Entry> slots() const { return slots_; }

 private:
  static std::size_t slots_for(std::size_t entries) { return entries + entries / 4 + 16; }
  [[nodiscard]] bool needs_room() const { return slots_for(size_) > slots_.size(); }

  // Fibonacci hashing, mapped to any table size by the upper half of a product.
  [[nodiscard]] std::size_t home_of(std::uint64_t key) const {
    const auto mixed = (key ^ (key >> 32)) * 0x9e3779b97f4a7c15ULL;
    __extension__ using wide = unsigned __int128;
    return static_cast<std::size_t>((static_cast<wide>(mixed) * slots_.size()) >> 64);
  }

  Entry& slot_of(std::uint64_t key) {
    auto at = home_of(key);
    while (slots_[at].key() != 0 && slots_[at].key() != key) {
      if (++at == slots_.size()) at = 0;
    }
    return slots_[at];
  }

  void resize(std::size_t slots) {
    std::vector<Entry> old(slots);
    old.swap(slots_);
    for (const auto& e : old) {
      if (e.key() != 0) slot_of(e.key()) = e;
    }
  }

  std::vector<Entry> slots_;
  std::size_t size_ = 0;
  std::size_t entries_max_;
};

}  // namespace waitstate::kernel
