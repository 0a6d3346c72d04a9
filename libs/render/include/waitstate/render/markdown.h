#pragma once

#include <string>

#include "waitstate/diagnosis/report.h"

namespace waitstate::render {

/// A report for a ticket or a page, whole, as Markdown of CommonMark with GitHub's tables. Words of
/// a paste are escaped, so that they format and link nothing; commands are in fenced blocks that
/// their text cannot end.
[[nodiscard]] std::string to_markdown(const diagnosis::report& r);

}  // namespace waitstate::render
