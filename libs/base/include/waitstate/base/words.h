#pragma once

#include <string>
#include <string_view>

namespace waitstate {

/// `text`, which anybody may have sent, for a message: at most 100 bytes and "..." behind a longer
/// one, anything unprintable and whatever is not ASCII as '?'.
[[nodiscard]] std::string quotable(std::string_view text);

}  // namespace waitstate
