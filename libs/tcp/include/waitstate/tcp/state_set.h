#pragma once

#include <cstdint>
#include <initializer_list>

#include "waitstate/tcp/state.h"

namespace waitstate::tcp {

/// Some of the states, as a mask. A handshake that is not finished is one state to a person and two
/// to the kernel: who puts SYN-RECEIVED in gets request sockets too, and the reverse.
class state_set {
 public:
  constexpr state_set() = default;
  constexpr state_set(std::initializer_list<state> states) {
    for (const auto s : states) insert(s);
  }
  [[nodiscard]] static constexpr state_set all() {
    state_set every;
    every.bits_ = (1U << state_count) - 1;
    return every;
  }

  constexpr void insert(state s) {
    bits_ |= bit(s);
    if ((bits_ & handshakes) != 0) bits_ |= handshakes;
  }
  [[nodiscard]] constexpr bool contains(state s) const { return (bits_ & bit(s)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  /// Bit n is the state with the value n, as in inet_diag_req's idiag_states.
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }

  /// What both have.
  friend constexpr state_set operator&(state_set a, state_set b) {
    a.bits_ &= b.bits_;
    return a;
  }
  /// What either has.
  friend constexpr state_set operator|(state_set a, state_set b) {
    a.bits_ |= b.bits_;
    return a;
  }
  friend constexpr bool operator==(state_set, state_set) = default;

 private:
  static constexpr std::uint32_t bit(state s) { return 1U << static_cast<unsigned>(s); }
  static constexpr std::uint32_t handshakes =
      (1U << static_cast<unsigned>(state::syn_received)) |
      (1U << static_cast<unsigned>(state::new_syn_received));

  std::uint32_t bits_ = 0;
};

}  // namespace waitstate::tcp
