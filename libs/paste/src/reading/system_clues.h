#pragma once

#include "reading/row_store.h"
#include "waitstate/snapshot/host_facts.h"

namespace waitstate::paste {

/// What a text that does not name its system tells of it.
struct system_clues {
  bool linux_totals = false;                   ///< /proc/net/sockstat or `ss -s`.
  os_family of_messages = os_family::unknown;  ///< Whose wordings its errors have.
  bool typed_on_windows = false;               ///< A prompt or a tool that only Windows has.
};

/// The system: first that of the rows, whose layout is hardly ever another's; then of the rest.
[[nodiscard]] os_family guessed_system(const row_store& rows, const system_clues& clues);

}  // namespace waitstate::paste
