#include "waitstate/remedy/guard/state_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::remedy::guard {
namespace {

/// More than a memory takes, with room (judgement_test).
constexpr std::size_t bytes_max = std::size_t{4} * 1024 * 1024;

error worded(int number, const std::string& path) {
  auto e = from_errno(number, fmt::format("state '{}'", path));
  e.hint = "--state FILE keeps it elsewhere; nothing is done that a restart would not know of";
  return e;
}

fd open_to_write(const std::string& path, int more) {
  return fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | more, 0600));
}

/// 0, or an errno.
int write_all(const fd& file, std::string_view text) {
  while (!text.empty()) {
    const auto put = ::write(file.get(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return put < 0 ? errno : ENOSPC;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return ::fsync(file.get()) == 0 ? 0 : errno;
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? std::string(".") : folder;
}

}  // namespace

result<state_file> state_file::open(const std::string& path) {
  const auto folder = folder_of(path);
  if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) return failure(worded(errno, path));
  auto lock = open_to_write(path + ".lock", 0);
  if (!lock) return failure(worded(errno, path));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure(worded(errno, path));
    return failure({.code = errc::unavailable,
                    .what = fmt::format("state '{}': another guard has it", path),
                    .hint = "two guards need a --state FILE each"});
  }
  return state_file(std::move(lock), path);
}

result<memory> state_file::load() const {
  const fd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file && errno == ENOENT) return memory{};
  if (!file) return failure(worded(errno, path_));
  std::string text;
  std::string part(65'536, '\0');
  while (text.size() <= bytes_max) {
    const auto got = ::read(file.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(worded(errno, path_));
    if (got == 0) break;
    text.append(part, 0, static_cast<std::size_t>(got));
  }
  auto read = text.size() > bytes_max
                  ? failure({.code = errc::corrupt,
                             .what = fmt::format("it is longer than {}", bytes(bytes_max)),
                             .hint = {}})
                  : parse_memory(text);
  if (read) return read;
  auto e = in_step(fmt::format("state '{}'", path_), std::move(read).error());
  e.hint = fmt::format("mv {0} {0}.old begins with none: what is open now is told again", path_);
  return failure(std::move(e));
}

result<> state_file::save(const memory& m) const {
  const auto beside = path_ + ".new";
  const auto file = open_to_write(beside, O_TRUNC);
  if (!file) return failure(worded(errno, path_));
  int number = write_all(file, to_json(m));
  if (number == 0 && ::rename(beside.c_str(), path_.c_str()) != 0) number = errno;
  if (number != 0) {
    ::unlink(beside.c_str());
    return failure(worded(number, path_));
  }
  const fd folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return failure(worded(errno, path_));
  return {};
}

}  // namespace waitstate::remedy::guard
