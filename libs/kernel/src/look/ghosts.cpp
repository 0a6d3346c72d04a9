#include "look/ghosts.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

#include "waitstate/base/fd.h"

namespace waitstate::kernel {

bool is_tcp_descriptor(std::int32_t pid, std::uint32_t number, std::uint32_t inode) {
  const auto path = fmt::format("/proc/{}/fd/{}", pid, number);
  std::array<char, 64> text{};
  const auto named = ::getxattr(path.c_str(), "system.sockprotoname", text.data(), text.size() - 1);
  if (named <= 0) return false;
  const std::string_view protocol(text.data());  // its zero byte counts in the attribute's size
  if (protocol != "TCP" && protocol != "TCPv6") return false;

  const auto size = ::readlink(path.c_str(), text.data(), text.size());
  if (size <= 0) return false;
  return parse_socket_link({text.data(), static_cast<std::size_t>(size)}) == inode;
}

std::optional<bool> was_connected(int process, std::uint32_t number) {
  const fd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, process, number, 0)));
  if (!copy) return std::nullopt;
  tcp_info info{};
  socklen_t size = sizeof(info);
  const bool is_told = ::getsockopt(copy.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                       size >= offsetof(tcp_info, tcpi_segs_out) + sizeof(info.tcpi_segs_out);
  if (!is_told) return std::nullopt;
  return info.tcpi_segs_out > 0;
}

ghost_counts count_ghosts(const descriptor_scan& scan, const std::set<std::uint64_t>& namespaces,
                          std::size_t checks_max) {
  ghost_counts counts;
  std::size_t checks = 0;
  std::map<std::uint32_t, fd> opened;
  const auto opened_process = [&](std::uint32_t index) {
    const auto [known, is_new] = opened.try_emplace(index);
    if (is_new) {
      known->second = fd(static_cast<int>(::syscall(SYS_pidfd_open, scan.processes[index].pid, 0)));
    }
    return known->second.get();
  };
  scan.owners.visit_unasked([&](const held_socket& held) {
    const auto& p = scan.processes[held.process];
    if (!namespaces.contains(p.net_namespace)) return;
    if (held.life == socket_life::no_tcp || held.life == socket_life::listed) return;
    if (held.life != socket_life::unknown) {
      // Who has either count was looked at for both.
      (void)counts.unconnected_by_process[held.process];
      ++(held.life == socket_life::ended ? counts.by_process
                                         : counts.unconnected_by_process)[held.process];
      return;
    }
    if (checks == checks_max) {
      ++counts.unchecked;
      return;
    }
    ++checks;
    if (!is_tcp_descriptor(p.pid, held.fd, held.inode)) return;
    const auto connected = was_connected(opened_process(held.process), held.fd);
    if (connected) (void)counts.unconnected_by_process[held.process];
    ++(connected == false ? counts.unconnected_by_process : counts.by_process)[held.process];
  });
  return counts;
}

}  // namespace waitstate::kernel
