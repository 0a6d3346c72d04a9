#pragma once

#include <cstdint>
#include <string_view>

namespace waitstate::paste {

/// The call that an error line speaks of, as far as its wording tells.
enum class socket_call : std::uint8_t { unknown, bind, listen, connect };

/// Reads "bind() to", "listen tcp", "dial tcp ...: connect:", "Net.connect0", "syscall: 'bind'" and
/// the like. Where a line names several, the one that failed: the last of Go's "dial ...: bind: ",
/// else the first. `l` is in small letters.
[[nodiscard]] socket_call call_of(std::string_view l);

/// Does a line of a stack trace or of an error object name the call? Needs a call, not prose.
[[nodiscard]] socket_call call_in_trace(std::string_view l);

}  // namespace waitstate::paste
