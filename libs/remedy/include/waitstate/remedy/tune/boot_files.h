#pragma once

#include <string>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/remedy/tune/sysctl_file.h"

namespace waitstate::remedy {

/// The folders of sysctl.d(5), the first one first: a file hides those of its name in later
/// folders.
[[nodiscard]] std::vector<std::string> boot_folders();

/// The files that the next boot reads, in its order: by name, whatever folder they are in, *.conf
/// alone. A folder that is not there has none. At most 1,024 files of 1 MiB each are read; what is
/// past that, or may not be read, is in its file as a line that was not understood.
[[nodiscard]] std::vector<sysctl_file> read_boot_files(const std::vector<std::string>& folders);

}  // namespace waitstate::remedy
