#pragma once

#include <atomic>
#include <cstdint>

namespace waitstate::client {

/// What a slot of a pool is doing.
enum class slot_state : std::uint8_t {
  vacant,   ///< No connection; may be dialed.
  dialing,  ///< A connection is being made.
  idle,     ///< A connection waits to be leased.
  leased,   ///< Somebody has it.
  closing,  ///< Taken out of the pool; about to be vacant.
};

/// {state, generation} of one slot in one word, so that each transition is one compare-and-swap
/// and of several that race exactly one wins. A generation ends with the lease (or idle period)
/// it names: whoever still holds its number afterwards is told so and can touch nothing.
///
/// Any thread may call any member.
class slot_word {
 public:
  struct value {
    slot_state state = slot_state::vacant;
    std::uint64_t generation = 0;

    friend bool operator==(const value&, const value&) = default;
  };

  [[nodiscard]] value load() const;

  /// For who alone may change it now: the holder of the pool's lock, of a slot that is not leased.
  void put(value to);

  /// From {from, generation} to {to, generation}: the same period goes on. False, and nothing
  /// changed, when the word is any other.
  bool move(std::uint64_t generation, slot_state from, slot_state to);

  /// From {from, generation} to {to, generation + 1}: the period that had the number is over.
  bool end(std::uint64_t generation, slot_state from, slot_state to);

 private:
  std::atomic<std::uint64_t> word_{0};
};

}  // namespace waitstate::client
