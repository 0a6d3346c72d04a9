#pragma once

#include <functional>
#include <optional>

#include "waitstate/base/result.h"

// NOLINTBEGIN(readability-identifier-naming): CLI11 names them.
namespace CLI {
class App;
}
// NOLINTEND(readability-identifier-naming)

namespace waitstate::cli {

/// Exit statuses. `diagnose` has its own for what it found; docs/cli.md lists them all.
enum exit_code : int {
  done = 0,
  failed = 1,    ///< The work failed.
  usage = 2,     ///< The command line was wrong.
  internal = 70  ///< A bug of ours.
};

/// What the command line asks for, once it is parsed.
struct command {
  /// Does it and returns the exit status. An error is printed by main(), nowhere else.
  std::function<result<int>()> run = {};
  /// The exit status when `run` returns an error.
  int status_of_error = failed;
  /// What is wrong with the options, found before anything was done; then `run` is not called.
  std::optional<error> refused = std::nullopt;
};

/// Each adds one subcommand to `app` and sets `chosen` when the user picks it.
void add_diagnose(CLI::App& app, command& chosen);
void add_sockets(CLI::App& app, command& chosen);
void add_watch(CLI::App& app, command& chosen);
void add_trace(CLI::App& app, command& chosen);
void add_reap(CLI::App& app, command& chosen);
void add_tune(CLI::App& app, command& chosen);
void add_guard(CLI::App& app, command& chosen);
void add_sidecar(CLI::App& app, command& chosen);
void add_explain(CLI::App& app, command& chosen);

}  // namespace waitstate::cli
