#pragma once

#include <string>
#include <vector>

#include "waitstate/base/result.h"

namespace waitstate::cli {

/// `waitstate sidecar ctl WORDS`: asks a running sidecar, or gives it an order. The exit status.
[[nodiscard]] result<int> run_sidecar_ctl(const std::string& admin,
                                          const std::vector<std::string>& words, bool as_json);

}  // namespace waitstate::cli
