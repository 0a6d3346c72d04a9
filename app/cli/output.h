#pragma once

#include <string>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/render/text.h"

// NOLINTBEGIN(readability-identifier-naming): CLI11 names them.
namespace CLI {
class App;
}
// NOLINTEND(readability-identifier-naming)

namespace waitstate::cli {

/// How a command answers, as the options say it.
struct output_options {
  bool json = false;
  bool verbose = false;
  std::string width;  ///< As typed; empty: that of the terminal.
  std::string colour = "auto";
};

/// Adds --json, --width and --color.
void add_output_options(CLI::App& sub, output_options& options);

/// The options as a style: what they leave open is asked of the terminal and the environment.
/// Fails with errc::invalid_input.
[[nodiscard]] result<render::text_style> checked(const output_options& options);

/// Writes to standard output. A reader that has gone is no error: there is nobody to tell.
void write_out(std::string_view text);

/// Writes to standard error. Where nobody can be told there is nothing more to do: never fails.
void write_error(std::string_view text);

/// Opens those of the three standard descriptors that are closed, so that no file of ours takes
/// their numbers; reading or writing them fails as before. For the first line of main().
void hold_standard_descriptors();

/// Writes out what is buffered now; false where standard output takes nothing more: its reader has
/// gone, or a disk is full. For output that goes on and on.
[[nodiscard]] bool flush_output();

/// Writes out what is still buffered. Fails when something could not be written (a full disk), but
/// not when the reader has gone.
[[nodiscard]] result<> finish_output();

}  // namespace waitstate::cli
