#include "tune/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <fmt/format.h>

namespace waitstate::remedy {
namespace {

using std::filesystem::path;

constexpr auto lock_name = "tune.lock";

std::string folder_of(const std::string& file) {
  const auto folder = path(file).parent_path();
  return folder.empty() ? "." : folder.string();
}

failure failed(int number, const std::string& file) {
  auto e = from_errno(number, fmt::format("'{}'", file));
  if (number == EACCES || number == EPERM) e.hint = "run as root";
  if (number == EROFS) e.hint = "the file system is read-only";
  if (number == ENOSPC) e.hint = "the disk is full";
  if (number == ELOOP) e.hint = "it is a link, which is not followed";
  return failure(std::move(e));
}

result<> write_all(const fd& file, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(errno, name);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

result<> sync_folder(const std::string& file) {
  const auto folder = folder_of(file);
  const fd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return failed(errno, folder);
  return {};
}

result<> remove_name(const std::string& file) {
  if (::unlink(file.c_str()) == 0 || errno == ENOENT) return {};
  return failed(errno, file);
}

}  // namespace

result<std::optional<std::string>> read_durable(const std::string& file) {
  const fd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!opened && errno == ENOENT) return std::optional<std::string>();
  if (!opened) return failed(errno, file);
  struct stat about{};
  if (::fstat(opened.get(), &about) != 0) return failed(errno, file);
  if (!S_ISREG(about.st_mode)) return failed(EINVAL, file);
  std::string text(durable_file_max + 1, '\0');
  std::size_t had = 0;
  while (had < text.size()) {
    const auto got = ::read(opened.get(), text.data() + had, text.size() - had);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno, file);
    if (got == 0) break;
    had += static_cast<std::size_t>(got);
  }
  if (had > durable_file_max) return failed(EFBIG, file);
  text.resize(had);
  return std::optional(std::move(text));
}

std::string staged_path(const std::string& file) {
  return (path(folder_of(file)) / fmt::format(".{}.new", path(file).filename().string())).string();
}

result<> stage(const std::string& file, std::string_view text, mode_t mode) {
  const auto name = staged_path(file);
  if (const auto gone = remove_name(name); !gone) return failure(gone.error());
  const fd opened(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!opened) return failed(errno, name);
  if (const auto written = write_all(opened, text, name); !written) {
    return failure(written.error());
  }
  if (::fchmod(opened.get(), mode) != 0 || ::fsync(opened.get()) != 0) return failed(errno, name);
  return {};
}

result<> put_in_place(const std::string& file) {
  if (::rename(staged_path(file).c_str(), file.c_str()) != 0) return failed(errno, file);
  return sync_folder(file);
}

result<> write_durable(const std::string& file, std::string_view text, mode_t mode) {
  auto done = stage(file, text, mode);
  if (done) done = put_in_place(file);
  if (!done) static_cast<void>(remove_staged(file));
  return done;
}

result<> remove_durable(const std::string& file) {
  if (const auto staged = remove_staged(file); !staged) return staged;
  if (const auto gone = remove_name(file); !gone) return gone;
  return sync_folder(file);
}

result<> remove_staged(const std::string& file) {
  return remove_name(staged_path(file));
}

result<fd> hold_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) {
    auto e = failed(errno, folder);
    if (e.value().hint.empty()) e.value().hint = "--state FOLDER is where it is kept";
    return e;
  }
  const fd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat about{};
  if (!opened || ::fstat(opened.get(), &about) != 0) return failed(errno, folder);
  // What is kept there is done with our rights.
  constexpr mode_t others_write = S_IWGRP | S_IWOTH;
  const bool is_ours = about.st_uid == 0 || about.st_uid == ::geteuid();
  if (!is_ours || (about.st_mode & others_write) != 0) {
    return failure({.code = errc::permission,
                    .what = fmt::format("'{}': others may write there, and what is kept in it is "
                                        "done with our rights",
                                        folder),
                    .hint = "--state names a folder that is ours alone"});
  }
  // Whoever may read a file can lock it: the folder is no lock.
  const auto name = (path(folder) / lock_name).string();
  fd lock(::openat(opened.get(), lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return failed(errno, name);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return failed(errno, name);
  return failure({.code = errc::unavailable,
                  .what = fmt::format("'{}': another waitstate tune is at work", folder),
                  .hint = "let it end first"});
}

}  // namespace waitstate::remedy
