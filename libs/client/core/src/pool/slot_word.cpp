#include "pool/slot_word.h"

namespace waitstate::client {
namespace {

constexpr unsigned state_bits = 8;

constexpr std::uint64_t pack(slot_state state, std::uint64_t generation) {
  return (generation << state_bits) | static_cast<std::uint64_t>(state);
}

}  // namespace

slot_word::value slot_word::load() const {
  const auto word = word_.load(std::memory_order_acquire);
  return {.state = static_cast<slot_state>(word & ((1U << state_bits) - 1)),
          .generation = word >> state_bits};
}

void slot_word::put(value to) {
  word_.store(pack(to.state, to.generation), std::memory_order_release);
}

bool slot_word::move(std::uint64_t generation, slot_state from, slot_state to) {
  auto expected = pack(from, generation);
  return word_.compare_exchange_strong(expected, pack(to, generation), std::memory_order_acq_rel);
}

bool slot_word::end(std::uint64_t generation, slot_state from, slot_state to) {
  auto expected = pack(from, generation);
  return word_.compare_exchange_strong(expected, pack(to, generation + 1),
                                       std::memory_order_acq_rel);
}

}  // namespace waitstate::client
