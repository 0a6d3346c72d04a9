#pragma once

#include <cstdint>
#include <string_view>

#include "commands/command.h"

namespace waitstate::paste {

/// Whose columns the rest of a pipeline counts.
enum class columns_of : std::uint8_t {
  nothing,  ///< No tool was named yet.
  lsof,
  others,  ///< command::local_column says where the endpoints are.
};

/// Reads the stage of a pipeline that names the tool, with its flags; nothing where none does.
columns_of read_tool_stage(command& c, std::string_view stage);

}  // namespace waitstate::paste
