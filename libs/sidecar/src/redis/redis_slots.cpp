#include "redis/redis_slots.h"

namespace waitstate::sidecar {

std::uint64_t redis_slots::add() {
  slots_.emplace_back();
  return first_ + slots_.size() - 1;
}

void redis_slots::give(std::uint64_t number, std::string_view bytes, bool is_end,
                       std::string& out) {
  // Of a client that was let go.
  if (number < first_ || number - first_ >= slots_.size()) return;
  if (number != first_) {
    auto& later = slots_[number - first_];
    later.bytes += bytes;
    later.is_done = is_end;
    held_ += bytes.size();
    return;
  }
  out += bytes;
  if (!is_end) return;
  slots_.pop_front();
  ++first_;
  while (!slots_.empty()) {
    auto& next = slots_.front();
    out += next.bytes;
    held_ -= next.bytes.size();
    next.bytes.clear();
    if (!next.is_done) return;
    slots_.pop_front();
    ++first_;
  }
}

void redis_slots::clear() {
  first_ += slots_.size();
  slots_.clear();
  held_ = 0;
}

}  // namespace waitstate::sidecar
