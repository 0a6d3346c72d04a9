#pragma once

#include <string>
#include <string_view>

#include "waitstate/snapshot/socket_selector.h"

namespace waitstate::view {

/// A command of this program with a selection as words of a shell, to be pasted: "waitstate sockets
/// state:close-wait 'process:tmux: server'". Names may be from anybody: what means something to a
/// shell is quoted.
[[nodiscard]] std::string command_line(std::string_view command, const socket_selector& selected,
                                       std::string_view net_namespace = {});

}  // namespace waitstate::view
