#pragma once

#include <optional>
#include <string_view>

#include "messages/message_line.h"

namespace waitstate::paste {

/// Error lines of programs in the wordings of libc, Windows, Go, Java, .NET, Node, Python, PHP, and
/// strace. Needs the wording of an error, not only a word like "timeout".
[[nodiscard]] std::optional<message_line> read_error_line(std::string_view line);

}  // namespace waitstate::paste
