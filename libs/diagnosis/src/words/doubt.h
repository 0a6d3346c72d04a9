#pragma once

#include <string>

#include "judgement/destination_use.h"
#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::diagnosis {

/// One cause fits best, or another fits as well; both are named, with what tells them apart.
[[nodiscard]] certainty likely(std::string other_cause, std::string decided_by);
[[nodiscard]] certainty possible(std::string other_cause, std::string decided_by);

/// The doubts that several rules have in common, so that one doubt has one wording.

/// Sockets that do not say which end of their connections they are were taken for this end.
[[nodiscard]] certainty taken_for_end(direction concluded);

/// Connections were taken for those to a destination by their remote port alone.
[[nodiscard]] certainty taken_for_client(const destination_use& use);

/// TIME-WAIT that somebody picked out, so that what is open beside it is not known.
[[nodiscard]] certainty seen_in_a_sample();

/// A queue, or unread bytes, that were seen once and not for how long.
[[nodiscard]] certainty seen_full_once();

/// CLOSE-WAIT that a program may close yet: on the server's side a slow one does, on the client's a
/// pool that looks at its connections when it lends them.
[[nodiscard]] certainty may_close_yet(direction side);

/// Which program connects was concluded from who opens sockets at the moment.
[[nodiscard]] certainty opener_concluded();

}  // namespace waitstate::diagnosis
