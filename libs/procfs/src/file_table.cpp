#include "waitstate/procfs/file_table.h"

#include "waitstate/procfs/text.h"

namespace waitstate::procfs {

file_table parse_file_table(std::string_view text) {
  const auto open = to_number<std::uint64_t>(take_word(text));
  if (!open) return {};
  (void)take_word(text);
  const auto max = to_number<std::uint64_t>(take_word(text));
  // systemd raises it to 2^63 - 1.
  constexpr std::uint64_t is_a_limit_up_to = std::uint64_t{1} << 53;
  return {.open = open, .max = max && *max <= is_a_limit_up_to ? max : std::nullopt};
}

}  // namespace waitstate::procfs
