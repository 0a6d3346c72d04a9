#pragma once

#include <string>

#include "waitstate/snapshot/socket_selector.h"
#include "waitstate/view/key.h"

namespace waitstate::view {

/// The line in which a filter is typed. It filters while it is typed: `chosen` is what the text
/// meant when it last meant something.
struct filter_prompt {
  static constexpr std::size_t text_max = 512;

  std::string text;
  std::string wrong;  ///< Why the text as it is now means nothing; or empty.
  socket_selector chosen;
  /// What was there before it was opened.
  socket_selector before;
};

enum class prompt_end : std::uint8_t {
  goes_on,
  kept,     ///< Enter.
  dropped,  ///< Escape, or backspace where nothing is left.
};

[[nodiscard]] filter_prompt open_prompt(const socket_selector& filter);

/// Takes a key that edits or ends it; any other one goes on and changes nothing.
[[nodiscard]] prompt_end type(filter_prompt& p, const key& k);

}  // namespace waitstate::view
