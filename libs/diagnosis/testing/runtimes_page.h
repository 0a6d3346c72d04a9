#pragma once

#include <string>

namespace waitstate::diagnosis {

/// docs/runtimes.md, whole: what reports say to programs of each runtime, from the rows of advice.
[[nodiscard]] std::string runtimes_page();

}  // namespace waitstate::diagnosis
