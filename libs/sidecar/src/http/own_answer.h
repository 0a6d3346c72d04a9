#pragma once

#include "http/outgoing_head.h"
#include "waitstate/base/error.h"

namespace waitstate::sidecar {

/// What the client is told of a call that failed before anything was answered: 502 for what a
/// server did wrong, 503 for a limit of ours, 504 for time, with RFC 9209's name of the error.
/// `why` is the error's text, which the caller keeps.
[[nodiscard]] own_response answer_to(const error& why);

}  // namespace waitstate::sidecar
