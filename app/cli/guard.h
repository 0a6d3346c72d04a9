#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "waitstate/base/result.h"
#include "waitstate/remedy/guard/policy.h"

namespace waitstate::cli {

/// What `waitstate guard` is asked for, checked.
struct guard_choice {
  std::string policy;
  std::string state;
  std::string audit;
  std::optional<std::chrono::milliseconds> every;
  bool once = false;
  bool dry_run = false;
  bool resume = false;
  bool json = false;
};

/// The policy, if each command of it can be run, too.
[[nodiscard]] result<remedy::guard::policy> usable_policy(const std::string& path);

}  // namespace waitstate::cli
