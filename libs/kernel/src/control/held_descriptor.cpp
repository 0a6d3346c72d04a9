#include "waitstate/kernel/held_descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "proc/directory.h"
#include "proc/owner_table.h"
#include "proc/proc_file.h"
#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

error not_allowed(int number, std::int32_t pid) {
  auto e = from_errno(number, fmt::format("take a copy of a descriptor of pid {}", pid));
  if (number == EPERM || number == EACCES) {
    e.code = errc::permission;
    e.hint = "it takes the rights of a debugger over that process: run as root";
  }
  if (number == ENOSYS) e.code = errc::unsupported;
  return e;
}

/// The descriptors of a process that lead to one of these sockets; none where it has gone.
result<std::vector<int>> numbers_of(std::int32_t pid, const std::set<std::uint32_t>& inodes) {
  std::vector<int> numbers;
  const auto folder = open_directory(fmt::format("/proc/{}/fd", pid));
  if (!folder && errno != ENOENT && errno != ESRCH) return failure(not_allowed(errno, pid));
  if (!folder) return numbers;
  while (const auto* entry = ::readdir(folder.get())) {
    std::array<char, 64> link;
    const auto length =
        ::readlinkat(::dirfd(folder.get()), entry->d_name, link.data(), link.size());
    if (length <= 0) continue;
    const auto inode = parse_socket_link({link.data(), static_cast<std::size_t>(length)});
    if (!inode || !inodes.contains(*inode)) continue;
    if (const auto number = to_number<int>(entry->d_name)) numbers.push_back(*number);
  }
  return numbers;
}

std::uint64_t cookie_of(const fd& socket) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  const auto status = ::getsockopt(socket.get(), SOL_SOCKET, SO_COOKIE, &cookie, &size);
  return status == 0 ? cookie : 0;
}

}  // namespace

std::uint64_t descriptors_of(std::int32_t pid, const std::set<std::uint32_t>& inodes) {
  const auto numbers = numbers_of(pid, inodes);
  return numbers ? numbers->size() : 0;
}

result<bool> shut_down(std::int32_t pid, const socket_record& s) {
  const fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process && errno == ESRCH) return false;
  if (!process) return failure(not_allowed(errno, pid));
  const auto numbers = numbers_of(pid, {s.inode});
  if (!numbers) return failure(numbers.error());
  for (const auto number : *numbers) {
    const fd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), number, 0)));
    if (!copy && (errno == EBADF || errno == ESRCH)) continue;
    if (!copy) return failure(not_allowed(errno, pid));
    if (s.cookie == 0 || cookie_of(copy) != s.cookie) continue;
    if (::shutdown(copy.get(), SHUT_RDWR) == 0) return true;
    if (errno == ENOTCONN) return false;
    return failure(from_errno(errno, "shut down a socket"));
  }
  return false;
}

}  // namespace waitstate::kernel
