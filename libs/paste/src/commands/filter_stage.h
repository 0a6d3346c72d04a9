#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "commands/command.h"
#include "commands/tool_stage.h"
#include "text/words.h"
#include "waitstate/tcp/state.h"

namespace waitstate::paste {

/// A word of a command without the quotes, brackets and commas around it.
[[nodiscard]] std::string_view bare(std::string_view word);

/// The state that a pattern or a filter's value names, or unknown: "TIME_WAIT", "estab", "CLOSE".
[[nodiscard]] tcp::state state_of_pattern(std::string_view pattern);

/// The port that a pattern or a filter's value names: ":8080", "\.443$", "https"; 0 for none.
[[nodiscard]] std::uint16_t port_of(std::string_view text);

/// Narrows the command down by a pattern: a state, a port, an address, a pid or a program.
void filter_by(command& c, std::string_view pattern, connection_end where);

/// grep, findstr and their like; `at` is where the name stands in `words`.
void read_grep(command& c, const word_list& words, std::size_t at);

/// What PowerShell's cmdlets are told to select: a state, a port of one end.
void read_conditions(command& c, std::string_view stage);

/// What follows the tool in a pipeline narrows it down or counts it.
void read_filter_stage(command& c, columns_of printed, std::string_view stage);

}  // namespace waitstate::paste
