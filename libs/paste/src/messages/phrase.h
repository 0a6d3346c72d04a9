#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

namespace waitstate::paste {

/// Does `line` hold `phrase`, with no letter or digit right before or after it?
[[nodiscard]] bool has_phrase(std::string_view line, std::string_view phrase);

/// Does it hold any of them?
[[nodiscard]] bool has_any(std::string_view line, std::span<const std::string_view> phrases);
[[nodiscard]] bool has_any(std::string_view line, std::initializer_list<std::string_view> phrases);

}  // namespace waitstate::paste
