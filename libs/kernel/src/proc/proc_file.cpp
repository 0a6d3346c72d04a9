#include "proc/proc_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "waitstate/base/fd.h"

namespace waitstate::kernel {

std::optional<std::string> read_file_at(int directory, const std::string& path,
                                        std::size_t bytes_max) {
  const fd file(::openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return std::nullopt;
  std::string text;
  while (text.size() < bytes_max) {
    const auto had = text.size();
    text.resize(std::min(bytes_max, std::max<std::size_t>(4096, had * 2)));
    const auto got = ::read(file.get(), text.data() + had, text.size() - had);
    text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
  }
  return text;
}

std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  return read_file_at(AT_FDCWD, path, bytes_max);
}

}  // namespace waitstate::kernel
