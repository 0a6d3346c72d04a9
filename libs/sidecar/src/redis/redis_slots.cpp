#include "redis/redis_slots.h"

#include <cstddef>

namespace waitstate::sidecar {

std::uint64_t redis_slots::add() {
  if (done_ > 0 && 2 * done_ >= slots_.size() && slots_.size() == slots_.capacity()) {
    slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(done_));
    done_ = 0;
  }
  slots_.emplace_back();
  return first_ + size() - 1;
}

void redis_slots::pop() {
  constexpr std::size_t kept_max = 16;
  ++done_;
  ++first_;
  if (done_ < slots_.size()) return;
  slots_.clear();
  if (slots_.capacity() > kept_max) slots_ = {};
  done_ = 0;
}

void redis_slots::give(std::uint64_t number, std::string_view bytes, bool is_end,
                       std::string& out) {
  // Of a client that was let go.
  if (number < first_ || number - first_ >= size()) return;
  if (number != first_) {
    auto& later = slots_[done_ + (number - first_)];
    later.bytes += bytes;
    later.is_done = is_end;
    held_ += bytes.size();
    return;
  }
  out += bytes;
  if (!is_end) return;
  pop();
  while (!is_empty()) {
    auto& next = slots_[done_];
    out += next.bytes;
    held_ -= next.bytes.size();
    next.bytes.clear();
    if (!next.is_done) return;
    pop();
  }
}

void redis_slots::clear() {
  first_ += size();
  slots_ = {};
  done_ = 0;
  held_ = 0;
}

}  // namespace waitstate::sidecar
