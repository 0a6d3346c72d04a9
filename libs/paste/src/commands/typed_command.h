#pragma once

#include <optional>
#include <string_view>

namespace waitstate::paste {

/// The command on a line that shows one: after a shell prompt ("$ ", "[root@a ~]# ",
/// "C:\\Users\\x>", "PS C:\\> ", "/srv $ "), or alone ("ss -s", "netstat -an | grep 80"). Prose
/// that speaks of a tool ("netstat shows ...") is none.
[[nodiscard]] std::optional<std::string_view> typed_command(std::string_view line);

/// Does a typed text begin with a tool that is known here?
[[nodiscard]] bool names_program(std::string_view typed);

/// Is a line with a typed command from Windows? Its prompt ("C:\\Users\\x>", "PS C:\\>") or a tool
/// that is nowhere else (findstr, find /c, Get-NetTCPConnection) tells.
[[nodiscard]] bool is_typed_on_windows(std::string_view line);

}  // namespace waitstate::paste
