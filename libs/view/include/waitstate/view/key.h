#pragma once

#include <cstdint>
#include <string>

namespace waitstate::view {

/// What was pressed, whatever a terminal sends for it.
enum class key_kind : std::uint8_t {
  text,  ///< A character: `text` has it in UTF-8.
  up,
  down,
  left,
  right,
  page_up,
  page_down,
  home,
  end,
  enter,
  escape,
  backspace,
  erase_line,  ///< Ctrl-U.
  tab,
  back_tab,
};

struct key {
  key_kind kind = key_kind::text;
  std::string text;

  friend bool operator==(const key&, const key&) = default;
};

}  // namespace waitstate::view
