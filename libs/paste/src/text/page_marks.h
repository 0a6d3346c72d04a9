#pragma once

#include <string>
#include <string_view>

namespace waitstate::paste {

/// Takes away what pages and sheets put around a row: entities of HTML ("&gt;", "&nbsp;"), its tags
/// for lines and cells, the bars of a Markdown table and the commas of a CSV file. Bars and commas
/// become blanks only where one of the cells is a state; any other text keeps them.
///
/// The line itself where there is none; else a view of `scratch`, which may be what `line` is a
/// view of.
[[nodiscard]] std::string_view without_page_marks(std::string_view line, std::string& scratch);

}  // namespace waitstate::paste
