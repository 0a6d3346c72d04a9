#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace waitstate::kernel {

/// The first `bytes_max` bytes of a file, or nothing where it cannot be opened or read: it does not
/// exist on this kernel, its process has gone, or we may not. Relative paths are under `directory`
/// (a descriptor).
[[nodiscard]] std::optional<std::string> read_file_at(int directory, const std::string& path,
                                                      std::size_t bytes_max);

/// The same for an absolute path.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max);

/// Takes the text up to the next `end` off the front of `text`, without the `end`.
[[nodiscard]] std::string_view take_until(std::string_view& text, char end);

/// Takes the next word off the front of `text`; words are separated by blanks and tabs. Empty when
/// there is none left.
[[nodiscard]] std::string_view take_word(std::string_view& text);

/// A whole decimal number and nothing else.
template <class Number>
[[nodiscard]] std::optional<Number> to_number(std::string_view text);

}  // namespace waitstate::kernel
