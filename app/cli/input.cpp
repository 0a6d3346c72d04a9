#include "app/cli/input.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "waitstate/base/fd.h"
#include "waitstate/base/text.h"

namespace waitstate::cli {
namespace {

error refused(int number, const std::string& path) {
  auto e = from_errno(number, shell_quoted(path));
  if (number == EISDIR) e.hint = "a file, or - for standard input";
  if (number == ENOENT) e.hint = "- reads standard input: ss -tanp | waitstate diagnose --from -";
  if (number == EACCES) e.hint = "ls -l " + shell_quoted(path);
  return e;
}

error too_large(const std::string& path, std::size_t size_max) {
  return {.code = errc::invalid_input,
          .what = fmt::format("{}: more than {}", shell_quoted(path), bytes(size_max)),
          .hint = path == "-" ? "head -c 100M in front of it takes the first part"
                              : fmt::format("head -c 100M {} > part.txt takes the first part",
                                            shell_quoted(path))};
}

}  // namespace

result<std::string> read_input(const std::string& path,
                               const std::function<void(std::size_t)>& progress,
                               std::size_t size_max) {
  constexpr std::size_t chunk_max = std::size_t{1} << 20;
  fd file;
  const bool standard_input = path == "-";
  if (!standard_input) file = fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!standard_input && !file) return failure(refused(errno, path));

  const int number = standard_input ? STDIN_FILENO : file.get();
  std::string text;
  std::size_t size = 0;
  while (true) {
    text.resize(size + chunk_max);
    const auto got = ::read(number, text.data() + size, chunk_max);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(refused(errno, path));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > size_max) return failure(too_large(path, size_max));
    if (progress) progress(size);
  }
  text.resize(size);
  return text;
}

bool text_waits() {
  struct stat about{};
  if (::fstat(STDIN_FILENO, &about) != 0) return false;
  if (S_ISREG(about.st_mode)) return ::lseek(STDIN_FILENO, 0, SEEK_CUR) < about.st_size;
  int waiting = 0;
  return S_ISFIFO(about.st_mode) && ::ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting > 0;
}

}  // namespace waitstate::cli
