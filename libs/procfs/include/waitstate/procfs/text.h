#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace waitstate::procfs {

/// What the parsers of /proc are made of. Blanks are blank, tab and the ends of lines.

/// Takes the text up to the next `end` off the front of `text`, without the `end`.
[[nodiscard]] std::string_view take_until(std::string_view& text, char end);

/// Takes the next word off the front of `text`. Empty when there is none left.
[[nodiscard]] std::string_view take_word(std::string_view& text);

/// A whole decimal number and nothing else: std::int32_t, std::uint32_t, std::uint64_t, double.
template <class Number>
[[nodiscard]] std::optional<Number> to_number(std::string_view text);

/// "32768\t60999\n" -> "32768 60999": words with one blank between them, as one shows a setting.
[[nodiscard]] std::string one_blank_apart(std::string_view text);

}  // namespace waitstate::procfs
