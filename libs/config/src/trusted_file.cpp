#include "waitstate/config/trusted_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "waitstate/base/fd.h"

namespace waitstate::config {

result<std::string> read_trusted_file(const std::string& path, std::size_t bytes_max) {
  const auto cannot = [&] { return failure(from_errno(errno, fmt::format("'{}'", path))); };
  const fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about{};
  if (!file || ::fstat(file.get(), &about) != 0) return cannot();
  constexpr mode_t others_write = S_IWGRP | S_IWOTH;
  const bool is_ours = about.st_uid == 0 || about.st_uid == ::geteuid();
  // A pipe of our own is written by whom we started; a terminal of somebody else by him.
  if (!is_ours || (S_ISREG(about.st_mode) && (about.st_mode & others_write) != 0)) {
    return failure({.code = errc::permission,
                    .what = fmt::format("'{}': others may write to it, and it says what is done "
                                        "with our rights",
                                        path),
                    .hint = fmt::format("chown root {0} && chmod go-w {0}", path)});
  }
  std::string text(bytes_max + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const auto got = ::read(file.get(), text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot();
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  text.resize(length);
  return text;
}

}  // namespace waitstate::config
