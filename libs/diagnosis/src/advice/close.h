#pragma once

#include <optional>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// Remedies for connections that are not closed, in the words and code of the owner's runtime.
/// Every runtime gets one; those without words of their own get the general rule.

/// A client: close each connection on every path, read each response to its end.
[[nodiscard]] remedy close_on_every_path(runtime r);

/// A client with a pool: let idle connections go before the peer closes them.
[[nodiscard]] remedy evict_idle(runtime r);

/// A server: close when the client has, and let no handler wait without end.
[[nodiscard]] remedy close_in_handlers(runtime r);

/// How to see what a program's threads are doing. `owner` may be nullptr: the command then has
/// "PID" to fill in, as it has for a process of another host.
[[nodiscard]] remedy show_threads(const snapshot& s, runtime r, const process* owner);

/// How to see whose the CLOSE-WAIT sockets are and which end of each: for counts that do not tell.
[[nodiscard]] remedy show_holders(const snapshot& s);

/// A server all of whose workers are busy: more of them, and an end for what takes too long.
[[nodiscard]] remedy more_workers(runtime r);

/// What a descriptor of the process is, one a line; `owner` may be nullptr.
[[nodiscard]] remedy list_descriptors(const snapshot& s, const process* owner);

/// Closing the CLOSE-WAIT sockets of one endpoint from outside, for now. Linux only: nothing for
/// the other systems, nor where the endpoint has no port. Says that the descriptors stay.
[[nodiscard]] std::optional<remedy> close_from_outside(const snapshot& s,
                                                       std::uint32_t net_namespace, direction side,
                                                       const tcp::endpoint& endpoint);

}  // namespace waitstate::diagnosis
