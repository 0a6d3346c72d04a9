#pragma once

#include <span>
#include <string>

#include "waitstate/base/error.h"

// NOLINTBEGIN(readability-identifier-naming): CLI11 names them.
namespace CLI {
class App;
class ParseError;
}  // namespace CLI
// NOLINTEND(readability-identifier-naming)

namespace waitstate::cli {

/// What CLI11 says about a wrong command line, in our words and with a hint. `arguments` are those
/// of main() without the program's name.
[[nodiscard]] error usage_error(const CLI::App& app, const CLI::ParseError& e,
                                std::span<const std::string> arguments);

}  // namespace waitstate::cli
