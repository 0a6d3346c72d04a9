#pragma once

#include <string>

// NOLINTBEGIN(readability-identifier-naming): CLI11 names them.
namespace CLI {
class App;
}
// NOLINTEND(readability-identifier-naming)

namespace waitstate::cli {

/// What `waitstate --help`, and `waitstate` alone, print.
[[nodiscard]] std::string program_help(const CLI::App& app);

/// What `waitstate COMMAND --help` prints: its options and examples.
[[nodiscard]] std::string command_help(const CLI::App& sub);

}  // namespace waitstate::cli
