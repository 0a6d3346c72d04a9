#pragma once

#include <span>
#include <string_view>

namespace waitstate::cli {

/// A text file that was built into the program; see waitstate_embed() in cmake/. Both views last
/// as long as the program.
struct embedded_text {
  std::string_view name;  ///< The file's name without folder and extension: "findings".
  std::string_view text;
};

}  // namespace waitstate::cli
