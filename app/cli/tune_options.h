#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/output.h"
#include "app/cli/source.h"
#include "waitstate/base/result.h"
#include "waitstate/remedy/audit_log.h"
#include "waitstate/remedy/tune/host_role.h"
#include "waitstate/remedy/tune/tune.h"

// NOLINTBEGIN(readability-identifier-naming): CLI11 names them.
namespace CLI {
class App;
}
// NOLINTEND(readability-identifier-naming)

namespace waitstate::cli {

/// The options of `waitstate tune`, as typed.
struct tune_typed {
  std::vector<std::string> settings;
  source_options from;
  std::string role;
  bool apply = false;
  bool undo = false;
  bool audit = false;
  bool capacity = false;
  std::string format;
  std::optional<std::string> sysctl_folder;
  std::string state = std::string(remedy::tune_places::usual_state);
  std::string log = std::string(remedy::audit_log::usual_path);
  output_options output;
};

/// Adds them all but --json, --width and --color.
void add_tune_options(CLI::App& sub, tune_typed& typed);

enum class tune_act : std::uint8_t { plan, apply, undo, audit, capacity };
enum class tune_form : std::uint8_t { text, json, ansible, sysctl_conf };

/// The same, checked.
struct tune_choice {
  tune_act act = tune_act::plan;
  tune_form form = tune_form::text;
  std::vector<std::string> settings;
  source from;
  std::optional<remedy::host_role> role;
  std::optional<std::string> sysctl_folder;
  std::string state;
  std::string log;
  std::string command;  ///< As typed; empty for a paste, to which nothing can be applied.
  std::string undo;     ///< What undoes it.
  render::text_style style;
};

/// Fails with errc::invalid_input, before anything is looked at.
[[nodiscard]] result<tune_choice> checked(const tune_typed& typed);

}  // namespace waitstate::cli
