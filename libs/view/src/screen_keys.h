#pragma once

#include "screen_state.h"

namespace waitstate::view {

/// What a key does to a screen.
[[nodiscard]] request press(screen_state& s, const key& k, moment now);

}  // namespace waitstate::view
