#pragma once

#include <cstddef>

#include "rows/row.h"
#include "text/tokens.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {

/// What netstat's state column holds, and the index of the word behind it.
struct state_column {
  tcp::state state = tcp::state::unknown;
  std::size_t next = 0;
};

/// Reads the state at `index`, behind the remote end. Takes states of two or three words ("EN
/// ÉCOUTE") and one cut off at the end of the line. A word that nobody knows is passed over; with a
/// remote end that no connection has it still is a listener, in any language.
[[nodiscard]] state_column read_state_column(const tokens& words, std::size_t index,
                                             const text_endpoint& remote);

}  // namespace waitstate::paste
