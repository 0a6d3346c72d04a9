#pragma once

#include <cstddef>
#include <vector>

#include "history.h"
#include "waitstate/render/cells.h"
#include "waitstate/snapshot/counts.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::view {

/// How many connections enter a state each second, as far as the kernel counts that.
struct transitions {
  double opened = 0;       ///< connect(): into SYN-SENT.
  double accepted = 0;     ///< Handshakes that a listener finished: out of SYN-RECEIVED.
  double closed_here = 0;  ///< Into TIME-WAIT, by its timers, over the last ten seconds.
  double failed = 0;       ///< Handshakes that came to nothing.
  double reset = 0;        ///< Established connections that a reset ended.
};
[[nodiscard]] transitions transitions_of(const snapshot& s);

/// The states of TCP with their populations as the path that connections take, five lines of 78
/// columns; behind a number how many enter the state a second or, with a sign, by how many it
/// grows. With 112 columns or more the last minute stands beside it.
[[nodiscard]] std::vector<render::line> state_diagram(const state_counts& counts,
                                                      const transitions& rates, const history& past,
                                                      std::size_t width);

inline constexpr std::size_t state_diagram_width = 78;
inline constexpr std::size_t state_diagram_height = 5;

/// The same in one line, the most first and then CLOSE-WAIT, as many as fit.
[[nodiscard]] render::line state_line(const state_counts& counts, std::size_t width);

}  // namespace waitstate::view
