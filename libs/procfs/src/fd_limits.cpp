#include "waitstate/procfs/fd_limits.h"

#include "waitstate/procfs/text.h"

namespace waitstate::procfs {

std::optional<fd_limits> read_fd_limits(std::string_view line) {
  constexpr std::string_view title = "Max open files ";
  if (!line.starts_with(title)) return std::nullopt;
  line.remove_prefix(title.size());
  const auto soft = to_number<std::uint64_t>(take_word(line));
  return fd_limits{.soft = soft, .hard = to_number<std::uint64_t>(take_word(line))};
}

fd_limits parse_fd_limits(std::string_view limits) {
  while (!limits.empty()) {
    if (const auto found = read_fd_limits(take_until(limits, '\n'))) return *found;
  }
  return {};
}

}  // namespace waitstate::procfs
