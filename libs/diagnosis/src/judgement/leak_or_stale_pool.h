#pragma once

#include <cstdint>

#include "judgement/close_wait_piles.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// What outbound CLOSE-WAIT sockets of one owner come to. One decision for the two rules about
/// them, so that one of them speaks and never both.
enum class outbound_judgement : std::uint8_t {
  passing,     ///< Too few or too young to say anything.
  stale_pool,  ///< Idle connections of a working pool that the peer closed.
  leak,        ///< The program does not close them.
};

/// Idle connections that the peer closed by its time-out: nothing is unread but the FIN, and from
/// the last data to the FIN it took as long on every one (a second or more).
[[nodiscard]] bool is_idle_pool(const socket_group& close_wait);

/// Is nothing unread but TLS's close alert and the FIN, the same on each? So a server ends what was
/// idle; a response that nobody read has as many sizes as there are responses.
[[nodiscard]] bool said_goodbye(const socket_group& g);

/// A leak, live: growth; or, unless they are an idle pool that was closed in one lull, 20 or more
/// to a destination with none ESTABLISHED, or 10 or more over a minute old that outnumber the
/// ESTABLISHED two to one, or whose end or data the program had. In a paste, where ages and
/// neighbours are mostly cut off, a person's choice of rows counts too: what stands out is a leak
/// but for a few to one web service, which is what a pool leaves behind.
[[nodiscard]] outbound_judgement judge_outbound(const snapshot& s, const holding& h);

/// The pile of a holding that looks like a pool at its limit: a round number, not changing, none
/// ESTABLISHED to that destination (where the source would show them). nullptr when none does.
[[nodiscard]] const pile* pool_at_limit(const snapshot& s, const holding& h);

}  // namespace waitstate::diagnosis
