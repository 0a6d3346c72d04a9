#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace waitstate::render {

/// How many columns of a terminal the text takes: wide characters two, combining ones none. Valid
/// UTF-8 without line ends; see clean().
[[nodiscard]] std::size_t columns(std::string_view text);

/// Breaks text between words into lines of at most `width` columns. Line ends in the text stay
/// line ends; a word wider than a line is cut. A no-break space (U+00A0) holds two words together
/// and is written as a blank. Never empty: no text is one empty line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// The text with blanks after it, up to `width` columns.
[[nodiscard]] std::string left(std::string_view text, std::size_t width);
/// The text with blanks before it, up to `width` columns.
[[nodiscard]] std::string right(std::string_view text, std::size_t width);

/// The text cut to `width` columns, with "..." for what is missing. `width` is at least 3.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

/// The lines of a text, without their ends; an end at the very end makes no empty line.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace waitstate::render
