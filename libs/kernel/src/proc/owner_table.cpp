#include "proc/owner_table.h"

#include <cassert>

#include "proc/proc_file.h"

namespace waitstate::kernel {

void owner_table::insert(const held_socket& held) {
  assert(held.inode != 0 && held.process < processes_max);
  const auto [kept, inserted] =
      sockets_.insert({.inode = held.inode,
                       .process = held.process & (processes_max - 1),
                       .life = static_cast<std::uint32_t>(held.life) & 0x7fU,
                       .fd = held.fd});
  if (kept == nullptr) {
    ++not_kept_;
    return;
  }
  if (inserted) return;
  ++shared_;
  if (held.process < kept->process) {
    kept->process = held.process & (processes_max - 1);
    kept->fd = held.fd;
  }
}

std::optional<std::uint32_t> owner_table::owner_of(std::uint32_t inode) {
  auto* const found = sockets_.find(inode);
  if (found == nullptr) return std::nullopt;
  found->is_asked = 1;
  return std::uint32_t{found->process};
}

std::optional<std::uint32_t> parse_socket_link(std::string_view target) {
  constexpr std::string_view before = "socket:[";
  if (!target.starts_with(before) || !target.ends_with(']')) return std::nullopt;
  target.remove_prefix(before.size());
  target.remove_suffix(1);
  const auto inode = to_number<std::uint32_t>(target);
  return inode == 0U ? std::nullopt : inode;
}

void count_kind(fd_kinds& kinds, std::string_view target) {
  if (target.starts_with('/')) {
    ++kinds.files;
  } else if (target.starts_with("socket:")) {
    ++kinds.sockets;
  } else if (target.starts_with("pipe:")) {
    ++kinds.pipes;
  } else if (target.starts_with("anon_inode:")) {
    ++kinds.anonymous;
  } else {
    ++kinds.other;
  }
}

}  // namespace waitstate::kernel
