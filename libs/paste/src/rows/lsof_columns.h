#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "text/tokens.h"

namespace waitstate::paste {

/// The columns of lsof that are there whatever was asked for and whatever was cut:
///   COMMAND PID [TID [TASKCMD]] [PGID] [PPID] [USER] FD TYPE ...
struct lsof_columns {
  std::string_view program;
  std::int32_t pid = 0;
  bool is_descriptor = false;   ///< FD is a number ("12u"), not cwd, txt, mem, ...
  std::string_view type;        ///< "IPv4", "REG", ...
  std::size_t behind_type = 0;  ///< Index of the word behind TYPE.
};

/// Finds them by the pair of FD and TYPE with a number before it (pid 0 when it is masked). Nothing
/// for any other line.
[[nodiscard]] std::optional<lsof_columns> find_lsof_columns(const tokens& words);

}  // namespace waitstate::paste
