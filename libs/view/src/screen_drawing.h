#pragma once

#include "screen_state.h"
#include "waitstate/view/frame.h"

namespace waitstate::view {

/// The screen as it is now, in Unicode. Remembers in the state where things came to stand.
[[nodiscard]] frame draw(screen_state& s, const frame_size& size, moment now);

}  // namespace waitstate::view
