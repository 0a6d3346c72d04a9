#include "look/ghosts.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include <fmt/format.h>

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

ghost_counts count_ghosts(const descriptor_scan& scan, const std::set<std::uint64_t>& namespaces,
                          std::size_t checks_max) {
  ghost_counts counts;
  std::size_t checks = 0;
  scan.owners.visit_unasked([&](const held_socket& held) {
    const auto& p = scan.processes[held.process];
    if (!namespaces.contains(p.net_namespace)) return;
    if (checks == checks_max) {
      ++counts.unchecked;
      return;
    }
    ++checks;
    if (is_tcp_descriptor(p.pid, held.fd, held.inode)) ++counts.by_process[held.process];
  });
  return counts;
}

}  // namespace waitstate::kernel
