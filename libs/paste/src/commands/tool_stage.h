#pragma once

#include <string_view>

#include "commands/command.h"

namespace waitstate::paste {

/// Reads the stage of a pipeline that names the tool, with its flags; empty where none does.
std::string_view read_tool_stage(command& c, std::string_view stage);

}  // namespace waitstate::paste
