#pragma once

#include <cstddef>
#include <string>

#include "waitstate/base/result.h"

namespace waitstate::config {

/// The text of a file that says what is done with our rights: one that is neither root's nor ours,
/// or that others may write to, is refused with errc::permission. Reads `bytes_max` + 1 bytes at
/// most, so that a longer file shows. Waits for nobody but the writer of a pipe.
[[nodiscard]] result<std::string> read_trusted_file(const std::string& path, std::size_t bytes_max);

}  // namespace waitstate::config
