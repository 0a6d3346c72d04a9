#include "bpf/descriptor_records.h"

#include <algorithm>

namespace waitstate::kernel {
namespace {

std::uint64_t& count_of(fd_kinds& kinds, unsigned char kind) {
  switch (kind) {
    case descriptor_file: return kinds.files;
    case descriptor_socket: return kinds.sockets;
    case descriptor_pipe: return kinds.pipes;
    case descriptor_anonymous: return kinds.anonymous;
    default: return kinds.other;
  }
}

/// A socket of another namespace than its process is in was passed on: whether the tables list it
/// is not known where only some namespaces are read.
socket_life life_of(const descriptor_record& d, const scanned_process& p) {
  if (d.life == socket_is_no_tcp) return socket_life::no_tcp;
  if (d.net_namespace != p.net_namespace || d.life == socket_is_listed) return socket_life::listed;
  return d.life == socket_has_ended ? socket_life::ended : socket_life::never_connected;
}

}  // namespace

void descriptor_records::add(const process_record& p) {
  const auto pid = static_cast<std::int32_t>(p.pid);
  auto& all = found_.processes;
  if (!all.empty() && all.back().pid >= pid) return;
  all.push_back({.pid = pid, .net_namespace = p.net_namespace});
}

void descriptor_records::add(const descriptor_record& d) {
  if (!find(d.pid)) return;
  thread_of_.resize(found_.processes.size());
  auto& thread = thread_of_[at_];
  if (thread == 0) thread = d.thread;
  if (thread != d.thread) return;
  auto& p = found_.processes[at_];
  ++found_.descriptors;
  ++p.fd_count;
  ++count_of(p.kinds, d.kind);
  if (d.inode == 0) return;
  found_.owners.insert({.inode = d.inode,
                        .process = static_cast<std::uint32_t>(at_),
                        .fd = d.fd,
                        .life = life_of(d, p)});
}

bool descriptor_records::find(std::uint32_t pid) {
  const auto& all = found_.processes;
  const auto wanted = static_cast<std::int32_t>(pid);
  if (at_ < all.size() && all[at_].pid == wanted) return true;
  const auto found = std::ranges::lower_bound(all, wanted, {}, &scanned_process::pid);
  if (found == all.end() || found->pid != wanted) return false;
  at_ = static_cast<std::size_t>(found - all.begin());
  return true;
}

}  // namespace waitstate::kernel
