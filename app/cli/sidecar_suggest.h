#pragma once

#include "app/cli/commands.h"

namespace waitstate::cli {

/// Adds `suggest` to `waitstate sidecar`.
void add_sidecar_suggest(CLI::App& sidecar, command& chosen);

}  // namespace waitstate::cli
