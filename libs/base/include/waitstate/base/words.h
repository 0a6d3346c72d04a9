#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace waitstate {

/// `text`, which anybody may have sent, for a message: at most `length_max` bytes and "..." behind
/// a longer one, anything unprintable and whatever is not ASCII as '?'. Unless said it leaves room
/// in a line of a log for what is said about it.
[[nodiscard]] std::string quotable(std::string_view text, std::size_t length_max = 100);

}  // namespace waitstate
