#pragma once

#include <string>
#include <string_view>

namespace waitstate::render {

/// Makes text from anywhere safe for a terminal: what is not UTF-8 becomes U+FFFD, control
/// characters (a paste may hold escape sequences) become blanks. Line ends stay.
[[nodiscard]] std::string clean(std::string_view text);

}  // namespace waitstate::render
