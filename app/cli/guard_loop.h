#pragma once

#include "app/cli/guard.h"
#include "waitstate/base/result.h"

namespace waitstate::cli {

/// Looks, decides, acts, again and again until SIGTERM or Ctrl-C; once where that is asked for.
/// SIGHUP reads the policy anew. Tells on standard output what it does. The exit status.
[[nodiscard]] result<int> run_guard(const guard_choice& c);

}  // namespace waitstate::cli
