#include "cluster/ended_calls.h"

namespace waitstate::client {

ended_calls::ended_calls() {
  for (std::size_t at = 0; at < size; ++at) cells_[at].turn.store(at, std::memory_order_relaxed);
}

bool ended_calls::put(const ended_call& call) {
  auto turn = next_in_.load(std::memory_order_relaxed);
  for (;;) {
    auto& place = cells_[turn % size];
    const auto seen = place.turn.load(std::memory_order_acquire);
    if (seen < turn) return false;  // what was put there a round ago was not taken yet
    if (seen > turn) {
      turn = next_in_.load(std::memory_order_relaxed);
    } else if (next_in_.compare_exchange_weak(turn, turn + 1, std::memory_order_relaxed)) {
      place.call = call;
      place.turn.store(turn + 1, std::memory_order_release);
      return true;
    }
  }
}

std::optional<ended_call> ended_calls::take() {
  auto& place = cells_[next_out_ % size];
  if (place.turn.load(std::memory_order_acquire) != next_out_ + 1) return std::nullopt;
  const auto call = place.call;
  place.turn.store(next_out_ + size, std::memory_order_release);
  ++next_out_;
  return call;
}

}  // namespace waitstate::client
