#include "front/log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

namespace waitstate::sidecar {

result<log_file> log_file::open(const std::string& path) {
  log_file made;
  if (path.empty()) return made;
  made.file_ =
      fd(path == "-"
             ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
             : ::open(path.c_str(),
                      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640));
  if (!made.file_) return failure(from_errno(errno, fmt::format("access log '{}'", path)));
  return made;
}

void log_file::add(std::string_view line) {
  if (!file_) return;
  if (waiting_.size() + line.size() > kept_max) {
    ++lost_;
    return;
  }
  waiting_ += line;
  waiting_ += '\n';
  if (waiting_.size() >= flushed_from) flush();
}

void log_file::flush() {
  std::size_t written = 0;
  while (written < waiting_.size()) {
    const auto count = ::write(file_.get(), waiting_.data() + written, waiting_.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  waiting_.erase(0, written);
}

}  // namespace waitstate::sidecar
