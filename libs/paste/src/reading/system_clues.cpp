#include "reading/system_clues.h"

namespace waitstate::paste {

os_family guessed_system(const row_store& rows, const system_clues& clues) {
  // Where rows of several systems were pasted, Linux is mostly the other end.
  for (const auto system : {os_family::windows, os_family::other_bsd, os_family::linux_kernel}) {
    if (rows.has_rows_of(system)) return system;
  }
  if (clues.linux_totals) return os_family::linux_kernel;
  if (clues.of_messages != os_family::unknown) return clues.of_messages;
  return clues.typed_on_windows ? os_family::windows : os_family::unknown;
}

}  // namespace waitstate::paste
