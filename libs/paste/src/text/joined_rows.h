#pragma once

#include <cstddef>
#include <string_view>

namespace waitstate::paste {

/// Where the next row begins in a line that has several, since a chat or a form made blanks of the
/// ends of lines; npos where there is no other. A row begins with its protocol or its state, and
/// two queues or two endpoints behind it, so that no row has another's beginning inside. Looks at
/// the first 8 KiB.
[[nodiscard]] std::size_t next_row_in(std::string_view line);

}  // namespace waitstate::paste
