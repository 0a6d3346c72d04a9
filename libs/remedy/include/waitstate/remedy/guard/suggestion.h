#pragma once

#include <string>

#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::remedy::guard {

/// A policy to begin with, as text that parse_policy() reads: one rule about these sockets, of
/// those that have been so for a minute. It closes where all that is selected may be closed without
/// a further word, and reports otherwise. How many are too many only a person knows: it says 100.
/// The selection is not empty.
[[nodiscard]] std::string suggested_policy(const socket_selector& selected);

}  // namespace waitstate::remedy::guard
