#pragma once

#include <chrono>
#include <string>

#include "app/cli/source.h"
#include "waitstate/base/result.h"
#include "waitstate/diagnosis/report.h"

namespace waitstate::cli {

/// When a watch ends: once the verdict is healthy, or after a time.
struct watch_end {
  bool when_healthy = false;
  std::chrono::milliseconds after{0};
};

/// "healthy" or a duration up to a day. Fails with errc::invalid_input.
[[nodiscard]] result<watch_end> parse_watch_end(const std::string& text);

/// Looks at this host again and again, `from.interval` apart or else two seconds, and writes a line
/// on standard error whenever the verdict or the first finding is another one. Ends as `end` says,
/// or with Ctrl-C. The report of the last look; fails where a look does.
[[nodiscard]] result<diagnosis::report> watch_until(const source& from, const watch_end& end);

}  // namespace waitstate::cli
