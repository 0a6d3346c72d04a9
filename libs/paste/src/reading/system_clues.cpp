#include "reading/system_clues.h"

namespace waitstate::paste {

os_family guessed_system(const row_store& rows, const system_clues& clues) {
  // Where rows of several systems were pasted, Linux is mostly the other end.
  for (const auto system : all_os_families) {
    const bool may_be = system != os_family::unknown && system != os_family::linux_kernel;
    if (may_be && rows.has_rows_of(system)) return system;
  }
  if (rows.has_rows_of(os_family::linux_kernel)) return os_family::linux_kernel;
  if (clues.linux_totals) return os_family::linux_kernel;
  if (clues.of_messages != os_family::unknown) return clues.of_messages;
  return clues.typed_on_windows ? os_family::windows : os_family::unknown;
}

}  // namespace waitstate::paste
