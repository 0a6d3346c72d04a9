#pragma once

#include <string_view>

namespace waitstate::paste {

/// A line that names an error and does not report one: source code that handles it, a manual that
/// defines it, a page that explains it to whoever may meet it, a note of what was changed. `l` is
/// in small letters.
[[nodiscard]] bool is_mention(std::string_view l);

}  // namespace waitstate::paste
