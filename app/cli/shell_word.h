#pragma once

#include <string>

namespace waitstate::cli {

/// An argument as one word of a shell, for a command that somebody will paste: as it is where it
/// means nothing to a shell, else quoted.
[[nodiscard]] std::string shell_word(const std::string& text);

}  // namespace waitstate::cli
