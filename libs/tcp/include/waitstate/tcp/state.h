#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::tcp {

/// The state of a TCP connection. The values 1 to 13 are Linux's own
/// (include/net/tcp_states.h), so a state of inet_diag or /proc/net/tcp casts to this.
enum class state : std::uint8_t {
  unknown = 0,  ///< The source did not say (a count by peer, say).
  established = 1,
  syn_sent = 2,
  syn_received = 3,
  fin_wait_1 = 4,
  fin_wait_2 = 5,
  time_wait = 6,
  closed = 7,
  close_wait = 8,
  last_ack = 9,
  listen = 10,
  closing = 11,
  new_syn_received = 12,  ///< A request socket: a handshake that is not finished.
  bound_inactive = 13,    ///< Bound to a port, neither listening nor connected (Linux 6.8).
};

inline constexpr std::size_t state_count = 14;

inline constexpr std::array<state, state_count> all_states{
    state::unknown,          state::established,   state::syn_sent,  state::syn_received,
    state::fin_wait_1,       state::fin_wait_2,    state::time_wait, state::closed,
    state::close_wait,       state::last_ack,      state::listen,    state::closing,
    state::new_syn_received, state::bound_inactive};

/// The name of RFC 9293 section 3.3.2: "TIME-WAIT", "SYN-RECEIVED". Request
/// sockets are SYN-RECEIVED there; "BOUND" and "UNKNOWN" are ours.
[[nodiscard]] std::string_view to_string(state s);

/// Reads a state as any common tool or manual writes it, in any case: RFC 9293's,
/// ss's (ESTAB, SYN-RECV, UNCONN), netstat's of Linux, BSD, macOS and Windows
/// (TIME_WAIT, FIN_WAIT_2, LISTENING), and the words of localized systems (ABHÖREN,
/// WARTEND, VERBUNDEN, ESCUCHA, ...). Only the whole word counts. UTF-8.
[[nodiscard]] std::optional<state> parse_state(std::string_view word);

}  // namespace waitstate::tcp
