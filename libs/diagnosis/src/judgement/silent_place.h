#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "waitstate/snapshot/snapshot.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::diagnosis {

/// A destination (outbound) or a listening port of ours (inbound) with sockets whose data or FIN
/// was sent again three times or more and never acknowledged: the path drops, or the peer is gone.
///
/// Three is what health does not show: the first time comes 0.2 s after the segment, the third
/// more than a second later (RFC 6298 doubles each time), and loss alone seldom takes all of them.
struct silent_place {
  std::uint32_t net_namespace = 0;
  direction side = direction::unknown;
  tcp::endpoint endpoint;     ///< The destination, or the port that is listened on.
  owner_ref owner;            ///< Of most of the open ones; closed sockets have none.
  std::uint64_t open = 0;     ///< ESTABLISHED and CLOSE-WAIT: a program waits for these.
  std::uint64_t closing = 0;  ///< FIN-WAIT-1, CLOSING and LAST-ACK: only the kernel does.
  std::uint64_t others = 0;   ///< Sockets in these states there that are not silent.
  std::uint64_t unanswered_bytes = 0;
  std::uint8_t sent_again_max = 0;
  std::uint32_t silent_for_ms =
      0;  ///< The longest that nothing came back; 0 where it is not known.

  [[nodiscard]] std::uint64_t silent() const { return open + closing; }
};

/// The places that are in trouble, the most silent sockets first.
///
/// Outbound: silent ones that are at least half of the sockets to a destination, or five of them.
/// Inbound: five, and a quarter of what is open on the port, since clients on phones vanish and a
/// busy server always has some of those.
[[nodiscard]] std::vector<silent_place> silent_places(const snapshot& s);

/// How long the kernel goes on sending before it gives a connection up, counted from the first time
/// (tcp_model_timeout in net/ipv4/tcp_timer.c): `retries` times, from 0.2 s doubling up to 120 s.
[[nodiscard]] std::chrono::milliseconds gives_up_after(std::int64_t retries);

}  // namespace waitstate::diagnosis
