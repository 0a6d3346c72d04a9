#pragma once

#include <dirent.h>

#include <memory>
#include <string>

namespace waitstate::kernel {

struct close_directory {
  void operator()(DIR* open) const { ::closedir(open); }
};

/// A folder of /proc that is being read, or nothing where it cannot be opened.
using directory = std::unique_ptr<DIR, close_directory>;

[[nodiscard]] inline directory open_directory(const std::string& path) {
  return directory(::opendir(path.c_str()));
}

}  // namespace waitstate::kernel
