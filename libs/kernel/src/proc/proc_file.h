#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "waitstate/procfs/text.h"

namespace waitstate::kernel {

/// The first `bytes_max` bytes of a file, or nothing where it cannot be opened or read: it does not
/// exist on this kernel, its process has gone, or we may not. Relative paths are under `directory`
/// (a descriptor).
[[nodiscard]] std::optional<std::string> read_file_at(int directory, const std::string& path,
                                                      std::size_t bytes_max);

/// The same for an absolute path.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max);

using procfs::take_until;
using procfs::take_word;
using procfs::to_number;

}  // namespace waitstate::kernel
