#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "waitstate/base/result.h"

namespace waitstate::cli {

/// The most that is read of a file or of standard input.
inline constexpr std::size_t input_size_max = std::size_t{1} << 30;

/// Everything in a file, a pipe or a device; "-" is standard input. `progress` (may be empty) is
/// called with the bytes read so far. Holds all of it in memory.
///
/// Fails with what open() or read() says, or with errc::invalid_input when there is more than
/// `size_max`; `what` starts with the path in quotes.
[[nodiscard]] result<std::string> read_input(const std::string& path,
                                             const std::function<void(std::size_t)>& progress = {},
                                             std::size_t size_max = input_size_max);

/// Is there text on standard input that nobody has read? Only of a pipe and of a file; never waits.
[[nodiscard]] bool text_waits();

}  // namespace waitstate::cli
